import { createDecoder } from './stomp/decode.js';
import { encodeFrame, pieces } from './stomp/encode.js';
import { guard } from './guard.js';
import { parse } from './json.js';

/** Also the time to connect in. */
const BEAT_MS = 10000;
/** Networks delay: silence is a broken line only after several missed beats. */
const PATIENCE = 3;
/** The subscription that brings them. */
const ACKS = '0';

/**
 * One STOMP connection, from its first byte to its last.
 *
 * @param {object} parts
 * @param {import('./environment.js').Environment} parts.env
 * @param {string} parts.url
 * @param {Record<string, string | undefined>} parts.headers for CONNECT
 * @param {(headers: Record<string, string>) => void} parts.onConnected
 * @param {(answer: any) => void} parts.onAnswer
 * @param {(message: any) => void} parts.onControl
 * @param {(code: number, reason?: string) => void} parts.onClosed once, unless closed from here
 */
export const openSocket = ({ env, url, headers, onConnected, onAnswer, onControl, onClosed }) => {
  // Throws where a policy forbids it or where there is none.
  const socket = guard(() => new /** @type {typeof WebSocket} */ (env.WebSocket)(url, 'v12.stomp'));
  if (!socket) return undefined;
  socket.binaryType = 'arraybuffer';
  let open = true;
  let connected = false;
  let received = env.monotonic();
  let sent = 0;
  /** What may pass without a byte from us and from them: nothing to say before CONNECTED, which has to come at once. */
  let quiet = Infinity;
  let patience = 0;
  /** @type {any} */
  let timer;

  /** @param {Uint8Array | string} data */
  const write = (data) => {
    sent = env.monotonic();
    socket.send(/** @type {any} */ (data));
  };

  /** @param {string} command @param {Record<string, string | undefined>} head @param {string | Uint8Array} [body] */
  const frame = (command, head, body) => pieces(encodeFrame(command, head, body)).forEach(write);

  /** @param {number} [code] */
  const close = (code) => {
    open = false;
    env.clearTimeout(timer);
    socket.onopen = socket.onmessage = socket.onclose = null;
    guard(() => socket.close(code));
  };

  /** @param {number} [code] @param {string} [reason] */
  const fail = (code = 1006, reason) => {
    if (!open) return;
    close();
    onClosed(code, reason);
  };

  const watch = () => {
    timer = env.setTimeout(() => {
      if (env.monotonic() - received > patience) return fail();
      if (env.monotonic() - sent >= quiet) guard(() => write('\n'));
      watch();
    }, BEAT_MS);
  };

  /** @param {import('./stomp/decode.js').Frame} frame_ */
  const onFrame = ({ command, headers: head, body }) => {
    if (command === 'CONNECTED' && !connected) {
      connected = true;
      const [theirs, wanted] = (head['heart-beat'] || '0,0').split(',').map(Number);
      if (wanted > 0) quiet = Math.max(BEAT_MS, wanted) - BEAT_MS / 2;
      patience = theirs > 0 ? Math.max(BEAT_MS, theirs) * PATIENCE : Infinity;
      // Only now: a broker behind the server silently drops a SUBSCRIBE that comes before CONNECTED.
      frame('SUBSCRIBE', { id: ACKS, destination: '/user/queue/acks' });
      frame('SUBSCRIBE', { id: '1', destination: '/user/queue/control' });
      onConnected(head);
    } else if (command === 'MESSAGE') {
      // By subscription: the destination of a user's message may be written in another way.
      guard(() => (head.subscription === ACKS ? onAnswer : onControl)(parse(body)));
    } else if (command === 'ERROR') {
      // The close frame behind it says the same.
      fail(1008, head.message);
    }
  };

  const decode = createDecoder(onFrame);

  socket.onopen = () => {
    guard(() => frame('CONNECT', { ...headers, 'accept-version': '1.2', 'heart-beat': `${BEAT_MS},${BEAT_MS}` }));
  };
  socket.onmessage = ({ data }) => {
    received = env.monotonic();
    try {
      decode(data);
    } catch {
      fail();
    }
  };
  socket.onclose = ({ code, reason }) => fail(code, reason);
  // No `onerror`: a close event follows with the code.
  watch();

  return {
    isConnected: () => connected && socket.readyState === 1,
    /**
     * What is not written because the line has gone is sent again like all that it takes along.
     *
     * @param {string} destination
     * @param {string | Uint8Array} body
     * @param {string} [encoding]
     */
    send: (destination, body, encoding) =>
      guard(() => frame('SEND', { destination, 'content-type': 'application/json', 'content-encoding': encoding }, body)),
    /** An ordinary end from our side; `onClosed` is not called. */
    close: () => close(1000),
  };
};
