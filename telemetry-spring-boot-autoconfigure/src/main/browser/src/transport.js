import { ENVELOPE, urgentFirst } from './batch.js';
import { backoff } from './backoff.js';
import { byteLength } from './bytes.js';
import { compress } from './compress.js';
import { createDecoder } from './stomp/decode.js';
import { encodeFrame } from './stomp/encode.js';
import { guard } from './guard.js';
import { parse } from './json.js';
import { post } from './http.js';

/** @typedef {import('./batch.js').Batch} Batch */

const FAILURES_TO_HTTP = 3;
const SOCKET_AGAIN_MS = 60000;
/** A connection that ends sooner did not work, whatever it said. */
const STABLE_MS = 10000;
/** Credentials that last no longer than this are nothing to hurry back with. */
const USEFUL_MS = 1000;
const RESTART_WINDOW_MS = 30000;
const LONGEST_WINDOW_MS = 600000;
/** Timers of a hidden tab fall to one a minute after five minutes, so heart-beats would die: leave in order before. */
const HIDDEN_MS = 60000;
/** Also the time to connect in. */
const BEAT_MS = 10000;
/** Networks delay: silence is a broken line only after several missed beats. */
const PATIENCE = 3;
/** The subscription that brings them. */
const ACKS = '0';
/** Tomcat closes the socket with 1009 on a message over its buffer, whatever the STOMP limits say; the server joins the pieces. */
const PIECE = 8192;
/** keepalive requests and beacons share 64 KiB in flight; headers count as well. */
const BUDGET = 60000;
const TRAVEL_MS = 30000;

/**
 * The roads to the server: STOMP over a socket, or POST where sockets don't get through and where a hidden tab has given
 * its own up, and the last one out of the page.
 *
 * @param {import('./environment.js').Environment} env
 * @param {ReturnType<typeof import('./store.js').createStore>} store
 * @param {Pick<ReturnType<typeof import('./outbox.js').createOutbox>, 'encode' | 'split'>} outbox
 * @param {Pick<ReturnType<typeof import('./delivery.js').createDelivery>, 'answer' | 'failed' | 'lost'>} delivery
 * @param {(suffix?: string) => string} url of the channel or of what lies below it
 * @param {() => unknown} maySend
 * @param {() => boolean} sockets whether the server has any
 * @param {() => Record<string, string | undefined>} connectHeaders
 * @param {() => Record<string, string>} headers for POST
 * @param {() => string} session
 * @param {(headers: Record<string, string>) => void} onConnected
 * @param {(reason: string | undefined) => void} onEnded the server's reason for the end of a connection
 * @param {(message: any) => void} onControl
 */
export const createTransport = function (env, store, outbox, delivery, url, maySend, sockets, connectHeaders, headers, session, onConnected, onEnded, onControl) {
  /** @type {WebSocket | undefined} */
  let socket;
  let connected = false;
  /** When the connection began or ended the last time. */
  let changed = env.monotonic();
  let received = 0;
  let sent = 0;
  /** What may pass without a byte from us and from them. */
  let quiet = 0;
  let patience = 0;
  let awake = false;
  let resting = false;
  let failures = 0;
  /** A reconnect at a time of the server's choosing: a close in between does not change it. */
  let planned = false;
  let restartWindow = RESTART_WINDOW_MS;
  let httpDown = false;
  /** Of what may leave with the page. */
  let left = BUDGET;
  /** @type {any} */
  let timer;
  /** @type {any} */
  let beatTimer;
  /** @type {any} */
  let hiddenTimer;
  /** Ends when all batches before have been handed to their roads. */
  let turn = Promise.resolve();

  const isHttp = () => failures >= FAILURES_TO_HTTP || resting || !sockets();

  /** @param {number} ms */
  const connectIn = (ms) => {
    env.clearTimeout(timer);
    timer = env.setTimeout(connect, ms);
  };

  /** Where many clients do it at once only chance spreads them. @param {number} ms */
  const connectWithin = (ms) => {
    if (!planned) connectIn(env.random() * ms);
  };

  /** All clients have lost the server at once. */
  const comeBack = () => {
    connectIn(env.random() * restartWindow);
    planned = true;
  };

  const gone = () => {
    env.clearTimeout(beatTimer);
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(1000);
    }
    socket = undefined;
    connected = false;
    changed = env.monotonic();
    delivery.lost();
  };

  const disconnect = () => {
    env.clearTimeout(timer);
    planned = false;
    if (socket) gone();
  };

  /** The connection has ended, and not by us. @param {number} code @param {string} [reason] */
  const ended = (code, reason) => {
    const lasted = connected ? env.monotonic() - changed : 0;
    const expired = reason === 'token-expired' && lasted > USEFUL_MS;
    if (lasted > STABLE_MS) failures = 0;
    else if (!expired) failures++;
    gone();
    onEnded(reason);
    if (planned) return;
    if (expired) connectIn(0);
    else if (code === 1012) comeBack();
    else if (isHttp()) connectIn(SOCKET_AGAIN_MS * (0.75 + env.random() / 2));
    else connectIn(backoff(env, failures));
  };

  /** What is not written because the line has gone is sent again like all that it takes along. @param {Uint8Array<ArrayBuffer> | string} data */
  const write = (data) => {
    sent = env.monotonic();
    socket?.send(data);
  };

  /** @param {string} command @param {Record<string, string | undefined>} head @param {string | Uint8Array} [body] */
  const frame = (command, head, body) =>
    guard(() => {
      const bytes = encodeFrame(command, head, body);
      // Binary, because a text message may not end within a character.
      for (let from = 0; from < bytes.length; from += PIECE) write(bytes.subarray(from, from + PIECE));
    });

  /** Says something over the socket. @param {string} destination @param {string | Uint8Array} body @param {string} [encoding] */
  const tell = (destination, body, encoding) =>
    frame('SEND', { destination, 'content-type': 'application/json', 'content-encoding': encoding }, body);

  const watch = () => {
    beatTimer = env.setTimeout(() => {
      const now = env.monotonic();
      if (now - received > patience) return ended(1006);
      if (now - sent >= quiet) write('\n');
      watch();
    }, BEAT_MS);
  };

  /** @param {import('./stomp/decode.js').Frame} frame_ */
  const onFrame = ({ command, headers: head, body }) => {
    if (command === 'CONNECTED') {
      const [theirs, wanted] = (head['heart-beat'] || ',').split(',').map((ms) => (+ms ? Math.max(BEAT_MS, +ms) : Infinity));
      patience = theirs * PATIENCE;
      quiet = wanted - BEAT_MS / 2;
      connected = true;
      changed = received;
      // Only now: a broker behind the server silently drops a SUBSCRIBE that comes before CONNECTED.
      frame('SUBSCRIBE', { id: ACKS, destination: '/user/queue/acks' });
      frame('SUBSCRIBE', { id: '1', destination: '/user/queue/control' });
      onConnected(head);
    } else if (command === 'MESSAGE') {
      // By subscription: the destination of a user's message may be written in another way.
      guard(() => (head.subscription === ACKS ? delivery.answer : onControl)(parse(body)));
    } else if (command === 'ERROR') {
      // The close frame behind it says the same.
      ended(1008, head.message);
    }
  };

  const connect = () => {
    disconnect();
    if (!awake || resting || !sockets()) return;
    // Throws where a policy forbids it or where there is none.
    socket = guard(() => new /** @type {typeof WebSocket} */ (env.WebSocket)(url().replace(/^http/, 'ws'), 'v12.stomp'));
    if (!socket) {
      failures = FAILURES_TO_HTTP;
      return ended(1006);
    }
    const head = { ...connectHeaders(), 'accept-version': '1.2', 'heart-beat': `${BEAT_MS},${BEAT_MS}` };
    const decode = createDecoder(onFrame);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => frame('CONNECT', head);
    socket.onmessage = ({ data }) => {
      received = env.monotonic();
      try {
        decode(data);
      } catch {
        ended(1006);
      }
    };
    socket.onclose = ({ code, reason }) => ended(code, reason);
    // No `onerror`: a close event follows with the code.
    received = env.monotonic();
    // Nothing to say before CONNECTED, which has to come at once.
    quiet = Infinity;
    patience = 0;
    watch();
  };

  /** @param {Batch} batch @param {string | Uint8Array<ArrayBuffer>} body @param {string} [encoding] @param {boolean} [keepalive] */
  const byPost = async ({ id }, body, encoding, keepalive) => {
    const answer = await post(env.fetch, url('/batch'), headers(), body, encoding, keepalive);
    // It was the server that was away, not the sockets that are blocked: no need to wait for the minute.
    if (answer && httpDown && !socket) connectWithin(5000);
    httpDown = !answer;
    if (answer) delivery.answer({ ...answer, batch: id });
    else delivery.failed(id);
  };

  /**
   * The last road out of a page. A frame that is sent on a socket in `pagehide` is lost more often than not when the page
   * goes; a keepalive request or a beacon outlives it. https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
   *
   * @param {Batch} batch
   * @returns {boolean}
   */
  const exit = (batch) => {
    const body = outbox.encode(batch, true);
    const size = byteLength(body);
    if (size > left) return false;
    const release = () => void (left += size);
    if (env.fetch && env.keepalive()) {
      byPost(batch, body, '', true).then(release);
      // As text/plain: any other type would need a preflight where the page's origin is opaque.
    } else if (env.sendBeacon?.(url('/batch'), new Blob([body], { type: 'text/plain' }))) {
      // A beacon never tells how it ended: the batch is sent again, same id, should the page live on.
      env.setTimeout(release, TRAVEL_MS);
    } else {
      return false;
    }
    left -= size;
    batch.attempts++;
    batch.on = 'exit';
    batch.at = env.monotonic() + TRAVEL_MS;
    return true;
  };

  return {
    isReady: () => awake && maySend() && (connected || isHttp()),
    window: () => (connected ? 4 : 1),

    /** @param {Batch} batch @returns {'socket' | 'http'} the road taken */
    send(batch) {
      // The header fixes the session of a connection: a batch of another session has to go by POST.
      const line = connected && (batch.session || session()) === session() && socket;
      const packing = compress(env.gzip, outbox.encode(batch, !line));
      turn = turn.then(async () => {
        const packed = await packing;
        if (!line) byPost(batch, ...packed);
        // A line that went meanwhile took the batch along, which goes again.
        else if (line === socket) tell(batch.urgent ? '/app/log/urgent' : '/app/log/batch', ...packed);
      });
      return line ? 'socket' : 'http';
    },

    /** Sends all that the server has not answered for, urgent batches first, as far as the budget goes. */
    leave() {
      for (const batch of store.all().sort(urgentFirst)) {
        // A batch that was sent or saved before must keep its id and so its events; a new one may go in part.
        if (batch.on === 'exit' || exit(batch) || batch.attempts > 0 || batch.saved) continue;
        let size = ENVELOPE;
        const fitting = batch.items.findIndex(({ bytes }) => (size += bytes) > left);
        if (fitting > 0) exit(outbox.split(batch, fitting)[0]);
      }
    },

    tell,

    state: () => ({ road: connected ? 'socket' : isHttp() ? 'http' : 'none', forMs: Math.round(env.monotonic() - changed), failures }),

    start() {
      if (awake) return;
      awake = true;
      // Back from the back/forward cache the page is seen again, whatever it was before.
      resting = false;
      connect();
    },

    /** Leaves the server in order; `start` comes back. */
    stop() {
      awake = false;
      env.clearTimeout(hiddenTimer);
      disconnect();
    },

    /** The server asks all its clients to come anew within this time. @param {any} withinMs */
    reconnect(withinMs) {
      if (!(withinMs >= 0)) return;
      restartWindow = Math.min(withinMs, LONGEST_WINDOW_MS);
      comeBack();
    },

    /** Things have changed (the network is back, the path is another): no reason to wait. */
    renew: () => connectWithin(1000),

    hide() {
      env.clearTimeout(hiddenTimer);
      hiddenTimer = env.setTimeout(() => {
        resting = true;
        disconnect();
        delivery.lost();
      }, HIDDEN_MS);
    },

    show() {
      env.clearTimeout(hiddenTimer);
      if (!resting) return;
      resting = false;
      connect();
    },
  };
};
