import { guard } from './guard.js';
import { parse, toJson } from './json.js';
import { sizeOf } from './batch.js';

/** @typedef {import('./batch.js').Batch} Batch */
/** All that is needed to choose what to give up, and in the order of age. @typedef {[made: number, importance: number, events: number, bytes: number, id: string]} Key */

const TABLE = 'q';
const OPEN_MS = 3000;
const MOST_BYTES = 2e6;
const OLDEST_MS = 7 * 86400000;

/**
 * Holds batches until the server has answered for them. The view in memory is always at hand, since a page that hides
 * can't wait; what is saved is on disk as well, where a later page finds it: in IndexedDB, and in localStorage while that
 * is not open, not to be had, or full. What is on disk never changes, so that whichever tab sends it sends the same.
 *
 * @param {import('./environment.js').Environment} env
 * @param {string} name pages of one server share what they leave behind
 * @param {() => boolean} allowed whether anything may be kept on the visitor's device
 * @param {() => number} limit events
 * @param {() => string} session
 * @param {(reason: string, n?: number) => void} count
 */
export const createStore = function (env, name, allowed, limit, session, count) {
  /** @type {Map<string, Batch>} */
  const batches = new Map();
  /** Found on disk and not yet answered for. @type {Set<string>} */
  const adopted = new Set();
  /** Ends this tab's turn to drain, where it has one. @type {((done: unknown) => void) | undefined} */
  let letGo;
  /** @type {IDBDatabase | undefined} */
  let db;
  /** @type {Promise<unknown> | undefined} */
  let opening;

  const open = () =>
    new Promise((resolve) => {
      const request = env.indexedDB().open(name);
      request.onerror = resolve;
      // Some never answer.
      env.setTimeout(/** @type {() => void} */ (resolve), OPEN_MS);
      request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
      request.onsuccess = () => {
        db = request.result;
        // Whoever wants another version of it, or deletes it, does not wait for us.
        db.onversionchange = db.onclose = () => {
          db = undefined;
          request.result.close();
        };
        resolve(0);
      };
    }).catch(() => {});

  /** @param {(table: IDBObjectStore) => void} work */
  const table = (work) =>
    guard(() => {
      const tx = /** @type {IDBDatabase} */ (db).transaction(TABLE, 'readwrite');
      work(tx.objectStore(TABLE));
      // Not left to the page, which may be gone before the database asks.
      tx.commit?.();
      return tx;
    });

  /** @param {(table: IDBObjectStore) => IDBRequest} question @returns {Promise<any>} nothing where it fails */
  const ask = (question) =>
    new Promise((resolve) => {
      const tx = table((q) => {
        const request = question(q);
        request.onsuccess = request.onerror = () => resolve(request.result);
      });
      if (!tx) resolve(undefined);
    });

  /** In localStorage. @param {Key} key */
  const address = (key) => name + toJson(key);

  /** @param {string} id */
  const remove = (id, key = batches.get(id)?.saved) => {
    if (key) {
      guard(() => delete env.local()[address(key)]);
      table((q) => q.delete(key));
    }
    batches.delete(id);
    adopted.delete(id);
    if (adopted.size === 0) letGo?.(0);
  };

  /** @param {Key} key @param {string} reason */
  const drop = (key, reason) => {
    remove(key[4], key);
    count(reason, key[2]);
  };

  /** What lies on disk, oldest first. The bound holds for all tabs together: what is beyond it is given up. */
  const saved = async function () {
    await (opening = opening || open());
    /** @type {Key[]} */
    const keys = [];
    guard(() => {
      const local = env.local();
      for (const at of Object.keys(local)) {
        if (!at.startsWith(name)) continue;
        const key = parse(at.slice(name.length));
        // To where it is safe even from the end of the browser.
        const tx = table((q) => q.put(parse(local[at]), key));
        if (tx) tx.oncomplete = () => delete local[at];
        else keys.push(key);
      }
    });
    keys.push(...((await ask((q) => q.getAllKeys())) || []));
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
    size: () => all().reduce((sum, { items }) => sum + items.length, 0),

    /**
     * Puts on disk what is not there yet. From then on a batch keeps its events, since another tab may send it.
     *
     * @param {Batch[]} [list]
     */
    save(list = all()) {
      const fresh = list.filter((batch) => !batch.saved && batch.items.length > 0);
      if (fresh.length === 0 || !allowed()) return;
      for (const batch of fresh) {
        const { made, items, id } = batch;
        batch.session = batch.session || session();
        batch.saved = [made, Math.max(...items.map((item) => item.importance)), items.length, sizeOf(items), id];
      }
      const fallBack = () => {
        for (const batch of fresh) {
          if (!guard(() => (env.local()[address(/** @type {Key} */ (batch.saved))] = toJson(batch)))) batch.saved = undefined;
        }
      };
      const tx = table((q) => fresh.forEach((batch) => q.put(batch, batch.saved)));
      if (tx) tx.onabort = fallBack;
      else fallBack();
      saved();
    },

    /**
     * Takes over what earlier pages left behind, one tab at a time until it is answered for. Where there are no locks
     * each page does, and the server sees the same ids.
     *
     * @param {() => void} onFound
     */
    drain(onFound) {
      if (letGo || !allowed()) return;
      letGo = () => {};
      /** @param {unknown} lock */
      const work = async (lock) => {
        for (const key of lock ? await saved() : []) {
          const [made, , , bytes, id] = key;
          if (batches.has(id)) continue;
          const batch = (await ask((q) => q.get(key))) || guard(() => parse(env.local()[address(key)]));
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
      (guard(env.locks)?.request(name, { ifAvailable: true }, work) || work(1)).then(done, done);
    },

    /** Others may take over: the page is hidden, and may never come back. */
    letGo: () => letGo?.(0),

    /** Forgets everything, on disk as well. @param {string} reason */
    clear(reason) {
      for (const id of batches.keys()) remove(id);
      saved().then((keys) => keys.forEach((key) => drop(key, reason)));
    },
  };
};
