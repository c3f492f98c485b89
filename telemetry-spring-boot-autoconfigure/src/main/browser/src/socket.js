import { createDecoder } from './stomp/decode.js';
import { encodeFrame, pieces } from './stomp/encode.js';
import { guard } from './guard.js';

const CONNECT_MS = 10000;
const BEAT_MS = 10000;
/** Networks delay: silence is a broken line only after several missed beats. */
const PATIENCE = 3;

/**
 * One STOMP connection, from its first byte to its last.
 *
 * @param {object} parts
 * @param {import('./environment.js').Environment} parts.env
 * @param {string} parts.url
 * @param {Record<string, string | undefined>} parts.headers for CONNECT
 * @param {(headers: Record<string, string>) => void} parts.onConnected
 * @param {(destination: string, body: string) => void} parts.onMessage
 * @param {(code: number, reason?: string) => void} parts.onClosed once, unless closed from here
 * @param {string[]} parts.subscriptions
 */
export const openSocket = ({ env, url, headers, onConnected, onMessage, onClosed, subscriptions }) => {
  const { WebSocket } = env;
  // Throws where a policy forbids it or where there is none.
  const socket = WebSocket && guard(() => new WebSocket(url, 'v12.stomp'), undefined);
  if (!socket) return undefined;
  socket.binaryType = 'arraybuffer';
  let open = true;
  let connected = false;
  let received = env.monotonic();
  let sent = 0;
  /** @type {any} */
  let sendTimer;
  /** @type {any} */
  let watchTimer = env.setTimeout(() => fail(), CONNECT_MS);

  /** @param {Uint8Array | string} data */
  const write = (data) => {
    sent = env.monotonic();
    socket.send(/** @type {any} */ (data));
  };

  /** @param {string} command @param {Record<string, string | undefined>} head @param {string | Uint8Array} [body] */
  const frame = (command, head, body) => pieces(encodeFrame(command, head, body)).forEach(write);

  const detach = () => {
    open = false;
    env.clearTimeout(sendTimer);
    env.clearTimeout(watchTimer);
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
  };

  /** @param {number} [code] @param {string} [reason] */
  const fail = (code = 1006, reason) => {
    if (!open) return;
    detach();
    guard(() => socket.close(), undefined);
    onClosed(code, reason);
  };

  /** @param {number} every */
  const beat = (every) => {
    sendTimer = env.setTimeout(() => {
      if (env.monotonic() - sent >= every / 2) guard(() => write('\n'), undefined);
      beat(every);
    }, every);
  };

  /** @param {number} every */
  const watch = (every) => {
    watchTimer = env.setTimeout(() => {
      if (env.monotonic() - received > every * PATIENCE) fail();
      else watch(every);
    }, every);
  };

  /** @param {import('./stomp/decode.js').Frame} frame_ */
  const onFrame = ({ command, headers: head, body }) => {
    if (command === 'CONNECTED' && !connected) {
      connected = true;
      env.clearTimeout(watchTimer);
      const [theirs, wanted] = (head['heart-beat'] || '0,0').split(',').map(Number);
      if (wanted > 0) beat(Math.max(BEAT_MS, wanted));
      if (theirs > 0) watch(Math.max(BEAT_MS, theirs));
      // Only now: a broker behind the server silently drops a SUBSCRIBE that comes before CONNECTED.
      subscriptions.forEach((destination, i) => frame('SUBSCRIBE', { id: String(i), destination }));
      onConnected(head);
    } else if (command === 'MESSAGE' && open) {
      // By subscription: the destination of a user's message may be written in another way.
      onMessage(subscriptions[Number(head.subscription)] || head.destination, body);
    } else if (command === 'ERROR') {
      // The close frame behind it says the same.
      fail(1008, head.message);
    }
  };

  const decode = createDecoder(onFrame);

  socket.onopen = () => {
    guard(() => frame('CONNECT', { ...headers, 'accept-version': '1.2', 'heart-beat': `${BEAT_MS},${BEAT_MS}` }), undefined);
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
  // A close event follows with the code.
  socket.onerror = () => {};

  return {
    isConnected: () => connected && open && socket.readyState === 1,
    /**
     * What is not written because the line has gone is sent again like all that it takes along.
     *
     * @param {string} destination
     * @param {string | Uint8Array} body
     * @param {string} [encoding]
     */
    send: (destination, body, encoding) =>
      guard(() => {
        if (open) frame('SEND', { destination, 'content-type': 'application/json', 'content-encoding': encoding }, body);
      }, undefined),
    /** An ordinary end from our side; `onClosed` is not called. */
    close: () => {
      if (!open) return;
      detach();
      guard(() => socket.close(1000), undefined);
    },
  };
};
