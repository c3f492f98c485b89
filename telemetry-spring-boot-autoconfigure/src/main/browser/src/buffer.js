import { sizeOf } from './batch.js';

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
  /** @type {any} */
  let timer;

  const flushUrgent = () => {
    const items = urgent;
    urgent = [];   // swapped first: an event made meanwhile joins the next batch
    if (items.length > 0) onFull(items, true);
  };

  const flushOrdinary = () => {
    env.clearTimeout(timer);
    const items = ordinary;
    ordinary = [];
    if (items.length > 0) onFull(items, false);
  };

  return {
    /** @param {Item} item */
    add: (item) => {
      if (item.urgent) {
        if (urgent.push(item) === 1) env.microtask(flushUrgent);
        return;
      }
      const limit = limits();
      if (sizeOf(ordinary) + item.bytes > limit.bytes) flushOrdinary();
      if (ordinary.push(item) === 1) {
        env.clearTimeout(timer);
        timer = env.setTimeout(flushOrdinary, limit.flushMs * (0.5 + env.random() / 2));
      }
      if (ordinary.length >= limit.events) flushOrdinary();
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
      urgent = [];
      ordinary = [];
      return count;
    },
  };
};
