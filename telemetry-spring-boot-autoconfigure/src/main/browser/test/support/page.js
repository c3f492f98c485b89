/**
 * A page in a box: time moves when told, chance is chosen, the network is a list of what was asked.
 */
import * as onRequest from '../../src/on-request.js';
import { createPeerParser, peerFrame } from './stomp-peer.js';

/** Lets everything that waits on promises and microtasks go on. */
export const settle = async () => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};

const createClock = () => {
  let now = 1000;
  let ids = 0;
  const timers = new Map();
  return {
    now: () => now,
    timers,
    setTimeout: (work, ms) => {
      timers.set(++ids, { at: now + Math.max(0, ms), work });
      return ids;
    },
    clearTimeout: (id) => void timers.delete(id),
    advance: async (ms) => {
      const end = now + ms;
      await settle();
      for (;;) {
        const due = [...timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
        if (!due) break;
        timers.delete(due[0]);
        now = Math.max(now, due[1].at);
        due[1].work();
        await settle();
      }
      now = end;
    },
  };
};

export class FakeSocket {
  constructor(url, protocol) {
    this.url = url;
    this.protocol = protocol;
    this.readyState = 0;
    this.messages = [];
    this.closedWith = undefined;
    this.peer = createPeerParser();
    FakeSocket.opened.push(this);
  }

  send(data) {
    if (this.readyState !== 1) throw new Error('InvalidStateError');
    this.messages.push(data);
    this.peer.push(data);
  }

  close(code) {
    this.closedWith = code;
    this.readyState = 3;
  }

  // The far side

  open() {
    this.readyState = 1;
    this.onopen?.();
  }

  receive(command, headers, body) {
    this.onmessage?.({ data: peerFrame(command, headers, body).buffer });
  }

  connect(headers = {}) {
    this.open();
    this.receive('CONNECTED', { version: '1.2', ...headers });
  }

  drop(code = 1006, reason = '') {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  subscription(destination) {
    return this.frames('SUBSCRIBE').find((frame) => frame.headers.destination === destination).headers.id;
  }

  message(destination, body) {
    this.receive('MESSAGE', { subscription: this.subscription(destination), destination, 'message-id': 'x' }, JSON.stringify(body));
  }

  acknowledge(batch, more = {}) {
    this.message('/user/queue/acks', { batch: batch.batch, status: 'accepted', accepted: batch.events.length, ...more });
  }

  refuse(batch, reason, retryAfterMs) {
    this.message('/user/queue/acks', { batch, status: 'refused', reason, retryAfterMs });
  }

  frames(command) {
    return this.peer.frames.filter((frame) => frame.command === command);
  }

  batches(destination) {
    return this.frames('SEND')
      .filter((frame) => !destination || frame.headers.destination === destination)
      .map((frame) => JSON.parse(frame.body));
  }
}

/**
 * @param {object} [choices]
 */
export const createPage = ({ config = {}, random = () => 0.5, storage, href = 'https://shop.example/cart?token=1#top' } = {}) => {
  FakeSocket.opened = [];
  const clock = createClock();
  const requests = [];
  const beacons = [];
  const printed = [];
  const resources = [];
  const stored = new Map();
  let ids = 0;

  /** How the network answers; a test may put another in its place. */
  const network = {
    answer: (request) => {
      if (request.url.includes('/config')) return Response.json(config);
      return Response.json({ batch: request.json().batch, status: 'accepted', accepted: request.json().events.length }, { status: 202 });
    },
  };

  const window = new EventTarget();
  const document = new EventTarget();
  Object.assign(document, { visibilityState: 'visible', baseURI: href, currentScript: null });
  Object.defineProperty(document, 'URL', { get: () => window.location.href });
  const fetch = (input, init = {}) => {
    const request = { url: String(input?.url || input), ...init, json: () => JSON.parse(init.body) };
    requests.push(request);
    return new Promise((resolve) => resolve(network.answer(request)));
  };
  Object.assign(window, {
    document,
    fetch,
    location: new URL(href),
    navigator: { userAgent: 'Test/1.0' },
    console: {
      warn: (...args) => void printed.push(['warn', ...args]),
      error: (...args) => void printed.push(['error', ...args]),
    },
    performance: { now: clock.now, getEntriesByName: (name) => resources.filter((entry) => entry.name === name) },
  });

  const env = {
    window,
    document,
    now: () => 1767225600000 + clock.now(),
    monotonic: clock.now,
    random,
    id: () => `id${++ids}`,
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    microtask: (work) => queueMicrotask(work),
    soon: (work) => queueMicrotask(work),
    fetch,
    WebSocket: FakeSocket,
    keepalive: () => true,
    sendBeacon: (url, body) => {
      beacons.push({ url, body });
      return true;
    },
    local: () => undefined,
    indexedDB: () => undefined,
    storage: storage || (() => new Proxy({}, {
      get: (_, key) => stored.get(key),
      set: (_, key, value) => !!stored.set(key, value),
      deleteProperty: (_, key) => stored.delete(key) || true,
    })),
    told: {},
    locks: () => undefined,
    load: async () => onRequest,
    print: (...args) => void printed.push(['debug', ...args]),
  };

  return {
    env,
    window,
    document,
    clock,
    network,
    requests,
    beacons,
    printed,
    resources,
    stored,
    advance: clock.advance,
    sockets: () => FakeSocket.opened,
    socket: () => FakeSocket.opened.at(-1),
    posts: () => requests.filter((request) => request.method === 'POST'),
    dispatch: (target, type, properties = {}) => {
      const event = Object.assign(new Event(type, { cancelable: true }), properties);
      target.dispatchEvent(event);
      return event;
    },
    hide: function () {
      document.visibilityState = 'hidden';
      this.dispatch(document, 'visibilitychange');
    },
    show: function () {
      document.visibilityState = 'visible';
      this.dispatch(document, 'visibilitychange');
    },
  };
};
