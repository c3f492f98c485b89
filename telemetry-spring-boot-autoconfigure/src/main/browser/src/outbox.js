import { ENVELOPE, encodeBatch, sizeOf } from './batch.js';

/** @typedef {import('./batch.js').Batch} Batch */
/** @typedef {import('./batch.js').Item} Item */

/**
 * Where events become batches. A batch is open, and takes in more, until it is sent for the first time or lies on disk:
 * what the server or another tab may have seen never changes.
 *
 * @param {import('./environment.js').Environment} env
 * @param {ReturnType<typeof import('./store.js').createStore>} store
 * @param {ReturnType<typeof import('./counters.js').createCounters>} counters
 * @param {() => { events: number, flushMs: number, bytes: number, stored: number }} limits
 * @param {() => Pick<Batch, 'page' | 'user' | 'release' | 'environment'>} common what new batches have in common
 * @param {() => string} session
 * @param {() => string | undefined} ticket
 */
export const createOutbox = function (env, store, counters, limits, common, session, ticket) {
  let seq = 0;

  /** @param {Item[]} items @param {ReturnType<typeof common> & Pick<Batch, 'urgent'> & Partial<Batch>} like @param {string} [id] */
  const put = (items, like, id = env.id()) => {
    /** @type {Batch} */
    const batch = { made: env.now(), session: '', dropped: {}, ...like, saved: undefined, id, seq: seq++, items, attempts: 0, refusals: 0, on: '', at: 0 };
    store.put(batch);
    return batch;
  };

  /** @param {Batch} batch @param {number} [ms] until its time has come */
  const ripen = (batch, ms = 0) => {
    batch.made = env.now() + ms;
    batch.at = env.monotonic() + ms;
  };

  /** @param {Batch} batch */
  const isNew = (batch) => !batch.attempts && !batch.saved;

  const open = () => store.all().filter((batch) => isNew(batch) && (batch.session || session()) === session());

  /** Gives up one event: of the least important ones the oldest, and rather one that was never sent. An event taken from
   * a batch that was sent but not answered for may have arrived, so the count is what may be missing, never less. */
  const evict = () => {
    let least = Infinity;
    let at = 0;
    /** @type {Batch | undefined} */
    let found;
    for (const batch of store.all()) {
      batch.items.forEach(({ importance }, index) => {
        const rank = importance * 2 + +(batch.attempts > 0);
        if (rank >= least) return;
        least = rank;
        at = index;
        found = batch;
      });
    }
    counters.count('buffer-full');
    found?.items.splice(at, 1);
    if (found?.items.length !== 0) return;
    store.remove(found.id);
    counters.giveBack(found.dropped);
  };

  return {
    /**
     * @param {Item} item
     * @returns {boolean} whether there is something to be done: a batch has begun or is full
     */
    add(item) {
      const { urgent, bytes } = item;
      const limit = limits();
      const like = { urgent, ...common() };
      const last = open().filter((batch) => batch.urgent === urgent).pop();
      // While the line is down or busy, urgent events would pile up as batches of one.
      if (last && last.items.length < limit.events && last.user === like.user && last.page === like.page && sizeOf(last.items) + bytes <= limit.bytes - ENVELOPE) {
        if (last.items.push(item) < limit.events) return false;
        ripen(last);
      } else {
        if (last) ripen(last);
        // Jittered, so that ten thousand pages opened together don't flush together.
        ripen(put([item], like), urgent ? 0 : limit.flushMs * (0.5 + env.random() / 2));
      }
      return true;
    },

    /** Of all tabs, as far as this one holds their events. */
    keepBounds() {
      while (store.size() > limits().stored) evict();
    },

    /** What is open waits no longer. */
    flush: () => open().forEach((batch) => ripen(batch)),

    /** Sees to it that what was counted leaves with the page. */
    close() {
      if (!counters.isEmpty() && open().length === 0) put([], { urgent: false, ...common() });
    },

    /** @param {Batch} batch @param {number} at */
    split(batch, at) {
      store.remove(batch.id);
      // New ids: what the server may remember is the whole. The same in another tab that halves the same batch.
      return [put(batch.items.slice(0, at), batch, batch.id + 'a'), put(batch.items.slice(at), { ...batch, dropped: {} }, batch.id + 'b')];
    },

    /** @param {Batch} batch @param {boolean} [post] a connection has shown its ticket when it was made */
    encode(batch, post) {
      batch.session = batch.session || session();
      if (isNew(batch)) counters.moveTo(batch.dropped);
      return encodeBatch(batch, env.now(), post ? ticket() : undefined);
    },
  };
};
