import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDecoder } from '../src/stomp/decode.js';
import { encodeFrame } from '../src/stomp/encode.js';
import { createPeerParser, peerFrame } from './support/stomp-peer.js';

const HEADERS = { destination: '/app/log/batch', odd: 'colon:back\\slash\nline\rreturn', 'nämé': 'grüße €' };
const BODY = '{"text":"grüße € 🎈\u0000 after a NUL\n\n"}';

const decodeAll = (chunks) => {
  const frames = [];
  const decode = createDecoder((frame) => frames.push(frame));
  chunks.forEach((chunk) => decode(chunk));
  return frames;
};

test('what we write, stompjs reads: headers escaped, body by its length in bytes', () => {
  const peer = createPeerParser();
  peer.push(encodeFrame('SEND', HEADERS, BODY));
  const [frame] = peer.frames;
  assert.equal(frame.command, 'SEND');
  assert.equal(frame.headers.odd, HEADERS.odd);
  assert.equal(frame.headers['nämé'], 'grüße €');
  assert.equal(frame.headers['content-length'], String(Buffer.byteLength(BODY)));
  assert.equal(frame.body, BODY);
});

test('CONNECT is not escaped and can not be broken by a line end in a value', () => {
  const text = Buffer.from(encodeFrame('CONNECT', { host: 'a:80', evil: 'x\ny:z', absent: undefined })).toString();
  assert.equal(text, 'CONNECT\nhost:a:80\nevil:xy:z\n\n\0');
});

test('what stompjs writes, we read, split at every byte', () => {
  const bytes = peerFrame('MESSAGE', HEADERS, BODY);
  for (let at = 0; at <= bytes.length; at++) {
    const frames = decodeAll([bytes.subarray(0, at), bytes.subarray(at)]);
    assert.equal(frames.length, 1, `split at ${at}`);
    assert.equal(frames[0].command, 'MESSAGE');
    assert.equal(frames[0].body, BODY, `split at ${at}`);
    assert.equal(frames[0].headers.odd, HEADERS.odd);
  }
});

test('what we write, stompjs reads, split at every byte', () => {
  const bytes = encodeFrame('SEND', HEADERS, BODY);
  for (let at = 0; at <= bytes.length; at++) {
    const peer = createPeerParser();
    peer.push(bytes.subarray(0, at));
    peer.push(bytes.subarray(at));
    assert.equal(peer.frames.length, 1, `split at ${at}`);
    assert.equal(peer.frames[0].body, BODY, `split at ${at}`);
  }
});

test('frames joined in one message, with heart-beats between them, are all read', () => {
  const one = peerFrame('MESSAGE', { a: '1' }, 'first');
  const two = peerFrame('RECEIPT', { 'receipt-id': '7' }, '');
  const joined = Buffer.concat([Buffer.from('\n\r\n'), one, Buffer.from('\n\n'), two, Buffer.from('\r\n'), one]);
  assert.deepEqual(decodeAll([joined]).map((frame) => frame.command), ['MESSAGE', 'RECEIPT', 'MESSAGE']);
  const single = decodeAll([...joined].map((byte) => Uint8Array.of(byte)));
  assert.deepEqual(single.map((frame) => frame.body), ['first', '', 'first']);
});

test('text messages, carriage returns and frames without length are read', () => {
  const [frame] = decodeAll(['MESSAGE\r\nkey:a\\cb\r\nkey:second\r\n\r\nbody €\0']);
  assert.equal(frame.headers.key, 'a:b');
  assert.equal(frame.body, 'body €');
});

test('bare line ends make no frame', () => {
  assert.deepEqual(decodeAll(['\n', '\r\n', '\n\n\n']), []);
});

test('CONNECTED is not unescaped', () => {
  assert.equal(decodeAll(['CONNECTED\nserver:a\\b\n\n\0'])[0].headers.server, 'a\\b');
});

test('what is not STOMP is refused', () => {
  for (const text of ['MESSAGE\nnocolon\n\n\0', 'MESSAGE\na:\\t\n\n\0', 'MESSAGE\ncontent-length:2\n\nabc\0', 'MESSAGE\ncontent-length:-1\n\n\0']) {
    assert.throws(() => decodeAll([text]), undefined, text);
  }
  assert.throws(() => decodeAll([`MESSAGE\n\n${'x'.repeat(1 << 20)}`]));
});

test('a header named like a property of every object is only a header', () => {
  const [frame] = decodeAll(['MESSAGE\n__proto__:x\nconstructor:y\n\n\0']);
  assert.equal(frame.headers.constructor, 'y');
  assert.deepEqual(Object.keys(frame.headers).sort(), ['__proto__', 'constructor']);
  assert.equal(Object.getPrototypeOf(frame.headers), Object.prototype, 'as it would be without');
});
