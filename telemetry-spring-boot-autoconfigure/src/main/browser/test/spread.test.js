import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTransport } from '../src/transport.js';

const CLIENTS = 1000;

/** Numbers that look random and are the same in every run. */
const createRandom = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

/**
 * A thousand pages with the real transport on one clock, and a server that can go away.
 */
const createCrowd = (seed) => {
  const random = createRandom(seed);
  let now = 0;
  let ids = 0;
  let up = true;
  const timers = new Map();
  /** When somebody tried to connect. */
  const attempts = [];
  const open = new Set();

  class Socket {
    constructor() {
      this.readyState = 0;
      attempts.push(now);
      setTimer(() => (up ? this.accept() : this.end(1006)), 5);
    }

    accept() {
      if (this.readyState === 3) return;
      this.readyState = 1;
      open.add(this);
      this.onopen?.();
      this.onmessage?.({ data: 'CONNECTED\nversion:1.2\n\n\0' });
    }

    end(code) {
      this.readyState = 3;
      open.delete(this);
      this.onclose?.({ code, reason: '' });
    }

    send() {}

    close() {
      this.readyState = 3;
      open.delete(this);
    }
  }

  const setTimer = (work, ms) => {
    timers.set(++ids, { at: now + Math.max(0, ms), work });
    return ids;
  };
  const env = { random, monotonic: () => now, setTimeout: setTimer, clearTimeout: (id) => timers.delete(id), WebSocket: Socket, fetch: () => new Promise(() => {}) };
  const nothing = () => {};
  const clients = [...Array(CLIENTS)].map(() =>
    createTransport(env, {}, {}, { lost: nothing }, () => 'http://shop.example/chsk', () => true, () => true, () => ({}), () => ({}), () => 's', nothing, nothing, nothing),
  );
  const advance = (ms) => {
    const end = now + ms;
    // Timers of one step together: a sorted list of a thousand clients for every single one would take minutes.
    while (now < end) {
      now += 10;
      for (const [id, timer] of [...timers]) {
        if (timer.at > now || !timers.delete(id)) continue;
        timer.work();
      }
    }
  };
  clients.forEach((client) => client.start());
  advance(60000);
  assert.equal(open.size, CLIENTS);
  attempts.length = 0;
  const begun = now;
  return {
    clients,
    advance,
    connected: () => open.size,
    lose: (code) => [...open].forEach((socket) => socket.end(code)),
    set: (there) => void (up = there),
    /** Attempts in each second since the crowd stood. */
    perSecond: () => {
      const seconds = [];
      for (const at of attempts) {
        const second = Math.floor((at - begun) / 1000);
        seconds[second] = (seconds[second] || 0) + 1;
      }
      return Array.from(seconds, (count) => count || 0);
    },
  };
};

test('after 1012 a thousand clients come back evenly over thirty seconds', () => {
  for (const seed of [1, 2]) {
    const crowd = createCrowd(seed);
    crowd.lose(1012);
    crowd.advance(31000);
    const seconds = crowd.perSecond();
    assert.equal(crowd.connected(), CLIENTS);
    assert.ok(Math.max(...seconds) <= (2 * CLIENTS) / 30, seconds.join(' '));
  }
});

test('told to come within ten seconds they do, evenly', () => {
  const crowd = createCrowd(4);
  crowd.clients.forEach((client) => client.reconnect(10000));
  crowd.lose(1012);
  crowd.advance(11000);
  assert.equal(crowd.connected(), CLIENTS);
  assert.ok(Math.max(...crowd.perSecond()) <= (2 * CLIENTS) / 10, crowd.perSecond().join(' '));
});

test('a server that dies without a word and is away for ten seconds is not stormed when it is back', () => {
  const crowd = createCrowd(5);
  crowd.set(false);
  crowd.lose(1006);
  crowd.advance(10000);
  crowd.set(true);
  crowd.advance(110000);
  assert.equal(crowd.connected(), CLIENTS);
  const seconds = crowd.perSecond().slice(10);
  // After three failures in vain a socket is tried again between 45 and 75 seconds later.
  assert.ok(Math.max(...seconds) <= (2 * CLIENTS) / 30, seconds.join(' '));
});
