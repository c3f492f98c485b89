import { backoff } from './backoff.js';
import { createPacker } from './compress.js';
import { openSocket } from './socket.js';
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

/**
 * Chooses the road: the socket, or POST where sockets don't get through and where a hidden tab has given its own up.
 *
 * @param {object} parts
 * @param {import('./environment.js').Environment} parts.env
 * @param {(suffix?: string) => string} parts.url of the channel or of what lies below it
 * @param {() => boolean} parts.sockets whether the server has any
 * @param {() => Record<string, string | undefined>} parts.connectHeaders
 * @param {() => Record<string, string>} parts.headers for POST
 * @param {(batch: Batch, post?: boolean) => string} parts.encode also gives a batch its session on the first attempt
 * @param {() => string} parts.session
 * @param {(headers: Record<string, string>) => void} parts.onConnected
 * @param {() => void} parts.onLost
 * @param {(reason: string | undefined) => void} parts.onEnded the server's reason for the end of a connection
 * @param {() => void} parts.onReady a road is there without a new connection
 * @param {(answer: any) => void} parts.onAnswer
 * @param {(id: string) => void} parts.onFailed
 * @param {(message: any) => void} parts.onControl
 */
export const createTransport = (parts) => {
  const { env, url, sockets, connectHeaders, headers, encode, session, onConnected, onLost, onEnded, onReady, onAnswer, onFailed, onControl } = parts;
  /** @type {ReturnType<typeof openSocket>} */
  let socket;
  let awake = false;
  let resting = false;
  let failures = 0;
  /** A reconnect at a time of the server's choosing: a close in between does not change it. */
  let planned = false;
  let restartWindow = RESTART_WINDOW_MS;
  let httpDown = false;
  /** @type {any} */
  let timer;
  /** @type {any} */
  let hiddenTimer;

  /** When the connection began or ended the last time. */
  let changed = env.monotonic();

  const isConnected = () => socket?.isConnected();
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
    planned = false;
    connectWithin(restartWindow);
    planned = true;
  };

  const gone = () => {
    socket = undefined;
    changed = env.monotonic();
    onLost();
  };

  const disconnect = () => {
    env.clearTimeout(timer);
    planned = false;
    if (!socket) return;
    socket.close();
    gone();
  };

  const connect = () => {
    disconnect();
    if (!awake || resting || !sockets()) return;
    const begun = env.monotonic();
    /** @param {number} code @param {string} [reason] */
    const closed = (code, reason) => {
      const wasHttp = isHttp();
      const lasted = env.monotonic() - begun;
      const expired = reason === 'token-expired' && lasted > USEFUL_MS;
      if (lasted > STABLE_MS) failures = 0;
      else if (!expired) failures++;
      gone();
      onEnded(reason);
      if (planned) return;
      if (expired) connectIn(0);
      else if (code === 1012) comeBack();
      else if (isHttp()) connectIn(SOCKET_AGAIN_MS * (0.75 + env.random() / 2));
      else connectIn(backoff(env.random, failures));
      if (isHttp() && !wasHttp) onReady();
    };
    socket = openSocket({
      env,
      url: url().replace(/^http/, 'ws'),
      headers: connectHeaders(),
      onConnected: (given) => {
        changed = env.monotonic();
        onConnected(given);
      },
      onAnswer,
      onControl,
      onClosed: closed,
    });
    if (socket) return;
    failures = FAILURES_TO_HTTP;
    closed(1006);
  };

  const pack = createPacker(env);

  /** @param {string} id @param {any} answer */
  const answered = (id, answer) => {
    // It was the server that was away, not the sockets that are blocked: no need to wait for the minute.
    if (answer && httpDown && !socket) connectWithin(5000);
    httpDown = !answer;
    if (answer) onAnswer(answer);
    else onFailed(id);
  };

  return {
    isReady: () => awake && (isConnected() || (isHttp() && !!env.fetch)),
    window: () => (isConnected() ? 4 : 1),

    /** @param {Batch} batch @returns {'socket' | 'http'} the road taken */
    send: (batch) => {
      const { id } = batch;
      // The header fixes the session of a connection: a batch of another session has to go by POST.
      const line = isConnected() && (batch.session || session()) === session() && socket;
      pack(encode(batch, !line), (body, encoding) => {
        if (line) line.send(batch.urgent ? '/app/log/urgent' : '/app/log/batch', body, encoding);
        else post(env, { url: url('/batch'), batch: id, body, encoding, headers: headers() }).then((answer) => answered(id, answer));
      });
      return line ? 'socket' : 'http';
    },

    /** Says something over the socket, where there is one. @param {string} destination @param {string} body */
    tell: (destination, body) => void (isConnected() && socket?.send(destination, body)),

    state: () => ({ road: isConnected() ? 'socket' : isHttp() ? 'http' : 'none', forMs: Math.round(env.monotonic() - changed), failures }),

    start: () => {
      if (awake) return;
      awake = true;
      // Back from the back/forward cache the page is seen again, whatever it was before.
      resting = false;
      connect();
    },

    /** Leaves the server in order; `start` comes back. */
    stop: () => {
      awake = false;
      env.clearTimeout(hiddenTimer);
      disconnect();
    },

    /** The server asks all its clients to come anew within this time. @param {any} withinMs */
    reconnect: (withinMs) => {
      if (!(withinMs >= 0)) return;
      restartWindow = Math.min(withinMs, LONGEST_WINDOW_MS);
      comeBack();
    },

    /** Things have changed (the network is back, the path is another): no reason to wait. */
    renew: () => connectWithin(1000),

    hide: () => {
      env.clearTimeout(hiddenTimer);
      hiddenTimer = env.setTimeout(() => {
        resting = true;
        disconnect();
        onReady();
      }, HIDDEN_MS);
    },

    show: () => {
      env.clearTimeout(hiddenTimer);
      if (!resting) return;
      resting = false;
      connect();
    },
  };
};
