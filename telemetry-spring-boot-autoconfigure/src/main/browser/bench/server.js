/**
 * Answers everybody so that they work: pages, the channel over STOMP, 200 for all that peers send.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';

/** With a script of its own, as every page has that needs a client: the first element that a script sees takes up 66 KB. */
const page = (script) => `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>bench</title><link rel="icon" href="data:,"><script>document.currentScript.id = 'own';</script>${script}<body></body></html>`;

// With these a browser tells the time to 5 microseconds instead of 100.
const EXACT = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

/** @param {Buffer} data unmasked */
const message = (data) => {
  const head = data.length < 126 ? Buffer.from([0x82, data.length]) : Buffer.from([0x82, 126, data.length >> 8, data.length & 255]);
  return Buffer.concat([head, data]);
};

/** Just enough of RFC 6455 for one client that behaves. */
const readMessages = (socket, onData) => {
  let pending = Buffer.alloc(0);
  socket.on('data', (data) => {
    pending = Buffer.concat([pending, data]);
    for (;;) {
      if (pending.length < 2) return;
      let length = pending[1] & 127;
      let at = 2;
      if (length === 126) [length, at] = [pending.length < 4 ? Infinity : pending.readUInt16BE(2), 4];
      else if (length === 127) [length, at] = [pending.length < 10 ? Infinity : Number(pending.readBigUInt64BE(2)), 10];
      if (pending.length < at + 4 + length) return;
      const mask = pending.subarray(at, at + 4);
      const content = Buffer.from(pending.subarray(at + 4, at + 4 + length), 0);
      for (let i = 0; i < content.length; i++) content[i] ^= mask[i & 3];
      const code = pending[0] & 15;
      pending = pending.subarray(at + 4 + length);
      if (code === 8) socket.end();
      else onData(content);
    }
  });
};

/** Just enough of STOMP for frames with a length, as the client sends them, however they are cut. */
const readFrames = (onFrame) => {
  let pending = Buffer.alloc(0);
  return (data) => {
    pending = Buffer.concat([pending, data]);
    for (;;) {
      while (pending[0] === 10) pending = pending.subarray(1);
      const end = pending.indexOf('\n\n');
      if (end < 0) return;
      const [command, ...lines] = pending.subarray(0, end).toString().split('\n');
      const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
      const length = Number(headers['content-length'] || 0);
      if (pending.length <= end + 2 + length) return;
      const body = pending.subarray(end + 2, end + 2 + length);
      pending = pending.subarray(end + 3 + length);
      onFrame(command, headers, body);
    }
  };
};

/** @param {{ id: string, code: string }[]} contestants */
export const serve = async (contestants) => {
  /** What batches took since this was last emptied, as sent where they are sent compressed. */
  const seen = { events: 0, bytes: 0, compressed: 0 };

  const take = (body) => {
    const isGzip = body[0] === 0x1f && body[1] === 0x8b;
    const text = (isGzip ? gunzipSync(body) : body).toString();
    const batch = JSON.parse(text);
    seen.events += batch.events.length;
    seen.bytes += Buffer.byteLength(text);
    seen.compressed += isGzip ? body.length : gzipSync(text).length;
    return JSON.stringify({ batch: batch.batch, status: 'accepted', accepted: batch.events.length });
  };

  const server = createServer(async (request, response) => {
    const path = request.url.split('?')[0];
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const send = (type, body, status = 200) => response.writeHead(status, { 'content-type': type, ...EXACT }).end(body);
    const named = contestants.find(({ id }) => path.slice(1).startsWith(`${id}.`));
    if (path === '/blank.html') send('text/html', page(''));
    else if (path.endsWith('.html')) send('text/html', page(`<script src="${named.id}.js"></script>`));
    else if (path.startsWith('/src/')) send('text/javascript', readFileSync(new URL(`..${path}`, import.meta.url)));
    else if (named) send('text/javascript', named.code);
    else if (path === '/chsk/config') send('application/json', '{"sampling":{"default":1,"api-call":1,"click":1}}');
    else if (path === '/chsk/batch') send('application/json', take(Buffer.concat(chunks)), 202);
    else send('application/json', '{}');
  });

  server.on('upgrade', (request, socket) => {
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: v12.stomp\r\n\r\n`);
    socket.on('error', () => {});
    const write = (text) => socket.write(message(Buffer.from(`${text}\0`)));
    let acks = '0';
    const decode = readFrames((command, headers, body) => {
      if (command === 'CONNECT') write('CONNECTED\nversion:1.2\nheart-beat:0,0\n\n');
      else if (command === 'SUBSCRIBE' && headers.destination.endsWith('acks')) acks = headers.id;
      else if (command === 'SEND') write(`MESSAGE\nsubscription:${acks}\ndestination:/user/queue/acks\nmessage-id:1\n\n${take(body)}`);
    });
    readMessages(socket, decode);
  });

  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return { url: `http://127.0.0.1:${server.address().port}`, seen, close: () => (server.closeAllConnections(), server.close()) };
};
