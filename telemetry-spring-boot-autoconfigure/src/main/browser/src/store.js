import { createDisk } from './persist.js';
import { guard } from './guard.js';
import { sizeOf } from './batch.js';

/** @typedef {import('./batch.js').Batch} Batch */
/** @typedef {import('./persist.js').Key} Key */

const MOST_BYTES = 2e6;
const OLDEST_MS = 7 * 86400000;

/**
 * Holds batches until the server has answered for them. The view in memory is always at hand, since a page that hides
 * can't wait; what is saved is on disk as well, where a later page finds it.
 *
 * @param {object} parts
 * @param {import('./environment.js').Environment} parts.env
 * @param {string} parts.name pages of one server share what they leave behind
 * @param {() => boolean} parts.allowed whether anything may be kept on the visitor's device
 * @param {() => number} parts.limit events
 * @param {() => string} parts.session
 * @param {(reason: string, n?: number) => void} parts.count
 */
export const createStore = ({ env, name, allowed, limit, session, count }) => {
  /** @type {Map<string, Batch>} */
  const batches = new Map();
  const disk = createDisk(env, name);
  /** Found on disk and not yet answered for. @type {Set<string>} */
  const adopted = new Set();
  /** Ends this tab's turn to drain, where it has one. @type {((done: unknown) => void) | undefined} */
  let letGo;

  /** @param {string} id */
  const remove = (id, key = batches.get(id)?.saved) => {
    if (key) disk.erase(key);
    batches.delete(id);
    adopted.delete(id);
    if (adopted.size === 0) letGo?.(0);
  };

  /** @param {Key} key @param {string} reason */
  const drop = (key, reason) => {
    remove(key[4], key);
    count(reason, key[2]);
  };

  /** The bound holds for all tabs together. @param {Key[]} keys @returns {Key[]} those that may stay, oldest first */
  const trim = (keys) => {
    let events = 0;
    let bytes = 0;
    const stay = keys.sort((a, b) => b[1] - a[1] || b[0] - a[0]).filter((key) => {
      const fits = (events += key[2]) <= limit() && (bytes += key[3]) <= MOST_BYTES;
      if (!fits) drop(key, 'storage-full');
      return fits;
    });
    return stay.sort((a, b) => a[0] - b[0]);
  };

  const all = () => [...batches.values()];

  return {
    /** Adds at the end, or takes note of a change. @param {Batch} batch */
    put: (batch) => void batches.set(batch.id, batch),
    remove,
    /** @param {string} id */
    get: (id) => batches.get(id),
    /** Oldest first. */
    all,
    /** Events. */
    size: () => all().flatMap(({ items }) => items).length,

    /**
     * Puts on disk what is not there yet. From then on a batch keeps its events, since another tab may send it.
     *
     * @param {Batch[]} [list]
     */
    save: (list = all()) => {
      const fresh = list.filter((batch) => !batch.saved && batch.items.length > 0);
      if (fresh.length === 0 || !allowed()) return;
      for (const batch of fresh) {
        const { made, items, id } = batch;
        batch.session = batch.session || session();
        batch.saved = [made, Math.max(...items.map((item) => item.importance)), items.length, sizeOf(items), id];
      }
      disk.write(fresh);
      disk.keys().then(trim);
    },

    /**
     * Takes over what earlier pages left behind, one tab at a time until it is answered for. Where there are no locks
     * each page does, and the server sees the same ids.
     *
     * @param {() => void} onFound
     */
    drain: (onFound) => {
      if (letGo || !allowed()) return;
      letGo = () => {};
      /** @param {unknown} lock */
      const work = async (lock) => {
        for (const key of lock ? trim(await disk.keys()) : []) {
          const [made, , , bytes, id] = key;
          if (batches.has(id)) continue;
          const batch = await disk.load(key);
          if (made < env.now() - OLDEST_MS) drop(key, 'too-old');
          else if (guard(() => sizeOf(batch.items)) !== bytes) drop(key, 'unreadable');
          else {
            batches.set(id, { ...batch, saved: key, attempts: 1, refusals: 0, on: '', at: 0 });
            adopted.add(id);
          }
        }
        if (adopted.size === 0) return;
        await new Promise((resolve) => {
          letGo = resolve;
          onFound();
        });
      };
      const done = () => void (letGo = undefined);
      (guard(() => env.locks?.request(name, { ifAvailable: true }, work)) || work(1)).then(done, done);
    },

    /** Others may take over: the page is hidden, and may never come back. */
    letGo: () => letGo?.(0),

    /** Forgets everything, on disk as well. @param {string} reason */
    clear: (reason) => {
      for (const id of batches.keys()) remove(id);
      disk.keys().then((keys) => keys.forEach((key) => drop(key, reason)));
    },
  };
};
