import { backoff } from './backoff.js';
import { sizeOf, urgentFirst } from './batch.js';

/** @typedef {import('./batch.js').Batch} Batch */

/** Batches that may be on their way at once: enough to hide a slow line, few enough to stay bounded in its buffer. */
const WINDOW = 4;
/** @param {Batch['on']} on */
const answerMs = (on) => (on === 'socket' ? 10000 : 30000);
const DEFAULT_RETRY_MS = 5000;
const LONGEST_RETRY_MS = 300000;
const MOST_REFUSALS = 3;
const BUSY = ['rate-limited', 'overloaded', 'shutting-down'];
const TOO_BIG = ['too-large', 'too-many-events'];
/** An answer that takes longer puts delivery in doubt. */
const DOUBT_MS = 2000;
/** What could not leave with the page. */
const HEAVY = 60000;

/**
 * Keeps every batch until the server has answered for it, and sends it again with the same id when no answer came: the
 * server removes duplicates.
 *
 * @param {import('./environment.js').Environment} env
 * @param {ReturnType<typeof import('./store.js').createStore>} store
 * @param {ReturnType<typeof import('./outbox.js').createOutbox>} outbox
 * @param {() => { isReady: () => unknown, window: () => number, send: (batch: Batch) => 'socket' | 'http' }} road
 * @param {ReturnType<typeof import('./counters.js').createCounters>} counters
 */
export const createDelivery = function (env, store, outbox, road, counters) {
  let holdUntil = 0;
  let failures = 0;
  /** @type {any} */
  let timer;
  /** Who wants to see what becomes of the batches. @type {Set<() => void>} */
  const watchers = new Set();
  /** Batches that will never arrive. */
  let lost = 0;

  const look = () => watchers.forEach((watcher) => watcher());

  const schedule = () => {
    env.clearTimeout(timer);
    const ready = road().isReady();
    const batches = store.all();
    const now = env.monotonic();
    /** @param {Batch} batch milliseconds until it is in doubt */
    const sure = ({ made }) => made + DOUBT_MS - env.now();
    // The fast path does without the disk.
    const doubt = failures > 0 || env.document.visibilityState === 'hidden' || sizeOf(batches.flatMap(({ items }) => items)) > HEAVY;
    store.save(batches.filter((batch) => (batch.attempts > 0 || batch.at <= now) && (doubt || sure(batch) <= 0)));
    // One that waits for its turn in the window is woken by the answer to another.
    const due = batches.filter(({ on }) => on || ready).map(({ on, at }) => (on ? at : Math.max(at, holdUntil)) - now);
    const next = Math.min(...due, ...batches.map(sure).filter((ms) => ms > 0));
    if (next < Infinity) timer = env.setTimeout(pump, Math.max(next, 50));
  };

  const pump = () => {
    const now = env.monotonic();
    const batches = store.all();
    let travelling = 0;
    for (const batch of batches) {
      if (batch.on && batch.at <= now) wait(batch, backoff(env, batch.attempts));
      if (batch.on === 'socket' || batch.on === 'http') travelling++;
    }
    const limit = road().window();
    for (const batch of batches.sort(urgentFirst)) {
      if (now < holdUntil || travelling >= limit || !road().isReady()) break;
      if (batch.on || batch.at > now) continue;
      batch.on = road().send(batch);
      batch.at = now + answerMs(batch.on);
      batch.attempts++;
      travelling++;
    }
    schedule();
  };

  /** @param {Batch} batch @param {number} ms */
  const wait = (batch, ms) => {
    batch.on = '';
    batch.at = env.monotonic() + ms;
  };

  /** @param {number} ms */
  const hold = (ms) => {
    holdUntil = Math.max(holdUntil, env.monotonic() + ms);
  };

  /** @param {Batch} batch @param {string} reason */
  const drop = (batch, reason) => {
    store.remove(batch.id);
    counters.count(reason, batch.items.length);
    counters.giveBack(batch.dropped);
    lost++;
    look();
  };

  /** @param {Batch} batch @param {string} reason @param {any} retryAfterMs */
  const refused = (batch, reason, retryAfterMs) => {
    const asked = retryAfterMs > 0;
    const retry = Math.min(asked ? retryAfterMs : DEFAULT_RETRY_MS, LONGEST_RETRY_MS) * (1 + env.random() / 2);
    const size = batch.items.length;
    if (BUSY.includes(reason)) {
      // Said of this connection or of the whole server: nothing else would fare better.
      wait(batch, retry);
      hold(retry);
    } else if (TOO_BIG.includes(reason) && size > 1) {
      outbox.split(batch, size >> 1);
    } else if ([...TOO_BIG, 'malformed'].includes(reason) || ++batch.refusals >= MOST_REFUSALS) {
      drop(batch, reason);
    } else {
      // `unauthorized` above all: a login may cure it, but not for ever.
      wait(batch, asked ? retry : 60000 * (0.5 + env.random()));
    }
  };

  return {
    pump,

    /**
     * The server's answer, whichever road it came on.
     *
     * @param {any} answer
     */
    answer(answer) {
      const { batch: id, status, reason, retryAfterMs } = Object(answer);
      const batch = store.get(id);
      if (batch && status === 'accepted') {
        failures = 0;
        store.remove(id);
        look();
      } else if (batch && status === 'refused') {
        refused(batch, String(reason || status).slice(0, 40), retryAfterMs);
      } else if (!id && status === 'refused') {
        // The server couldn't read far enough to say which: those that it could read it answers for all the same.
        for (const batch of store.all()) if (batch.on === 'socket') refused(batch, 'unreadable', 0);
      }
      pump();
    },

    /** No answer, and none to come. @param {string} id */
    failed(id) {
      const batch = store.get(id);
      if (!batch) return;
      const pause = backoff(env, ++failures);
      wait(batch, pause);
      // Where only POST is blocked, a batch of an earlier session must not hold up what goes on the socket.
      if (road().window() < WINDOW) hold(pause);
      schedule();
    },

    /** The socket is gone: what was on it goes again on the next one. */
    lost() {
      failures = failures || 1;
      for (const batch of store.all()) if (batch.on === 'socket') wait(batch, 0);
      pump();
    },

    /** A new connection may be one to another server. */
    connected() {
      holdUntil = 0;
      failures = 0;
      pump();
    },

    /** The page is back from the back/forward cache: what it sent on leaving is in doubt. */
    returned() {
      for (const batch of store.all()) if (batch.on === 'exit') wait(batch, 0);
      pump();
    },

    /** @param {number} timeoutMs @returns {Promise<boolean>} whether all that waits now was answered for */
    settled: (timeoutMs) =>
      new Promise((resolve) => {
        const ids = store.all().map(({ id }) => id);
        const before = lost;
        /** @param {boolean} arrived */
        const end = (arrived) => {
          env.clearTimeout(late);
          watchers.delete(watch);
          resolve(arrived);
        };
        const watch = () => {
          if (lost !== before) end(false);
          // The halves of a batch have its id in theirs.
          else if (!store.all().some(({ id }) => ids.some((one) => id.startsWith(one)))) end(true);
        };
        const late = env.setTimeout(() => end(false), timeoutMs);
        watchers.add(watch);
        watch();
      }),

    close() {
      env.clearTimeout(timer);
      lost++;
      look();
    },
  };
};
