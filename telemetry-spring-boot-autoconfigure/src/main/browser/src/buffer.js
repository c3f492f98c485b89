/** @typedef {import('./batch.js').Item} Item */

/**
 * Where events wait for company: urgent ones until the page's current task ends, others until the batch is full or
 * its time is up. The time is jittered, so that ten thousand pages opened together don't flush together.
 *
 * @param {object} parts
 * @param {import('./environment.js').Environment} parts.env
 * @param {() => { events: number, flushMs: number, bytes: number }} parts.limits
 * @param {(items: Item[], urgent: boolean) => void} parts.onFull takes the items over
 */
export const createBuffer = ({ env, limits, onFull }) => {
  /** @type {Item[]} */
  let urgent = [];
  /** @type {Item[]} */
  let ordinary = [];
  let bytes = 0;
  let scheduled = false;
  /** @type {any} */
  let timer;

  const flushUrgent = () => {
    scheduled = false;
    const items = urgent;
    urgent = [];   // swapped first: an event made meanwhile joins the next batch
    if (items.length > 0) onFull(items, true);
  };

  const flushOrdinary = () => {
    env.clearTimeout(timer);
    timer = undefined;
    const items = ordinary;
    ordinary = [];
    bytes = 0;
    if (items.length > 0) onFull(items, false);
  };

  return {
    /** @param {Item} item */
    add: (item) => {
      if (item.urgent) {
        urgent.push(item);
        if (!scheduled) {
          scheduled = true;
          env.microtask(flushUrgent);
        }
        return;
      }
      const limit = limits();
      if (bytes + item.bytes > limit.bytes) flushOrdinary();
      ordinary.push(item);
      bytes += item.bytes;
      if (ordinary.length >= limit.events) flushOrdinary();
      else if (timer === undefined) timer = env.setTimeout(flushOrdinary, limit.flushMs * (0.5 + env.random() / 2));
    },
    flush: () => {
      flushUrgent();
      flushOrdinary();
    },
    size: () => urgent.length + ordinary.length,
    lists: () => [urgent, ordinary],
    /** Forgets what waits. @returns {number} how many */
    clear: () => {
      const count = urgent.length + ordinary.length;
      env.clearTimeout(timer);
      timer = undefined;
      urgent = [];
      ordinary = [];
      bytes = 0;
      return count;
    },
  };
};
