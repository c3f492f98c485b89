import { guard } from './guard.js';
import { parse, toJson } from './json.js';

/** @typedef {import('./batch.js').Batch} Batch */
/** All that is needed to choose what to give up, and in the order of age. @typedef {[made: number, importance: number, events: number, bytes: number, id: string]} Key */

const TABLE = 'q';
const OPEN_MS = 3000;

/**
 * What outlives the page: IndexedDB, and localStorage while that is not open, not to be had, or full. A record never
 * changes, so that whichever tab sends it sends the same.
 *
 * @param {import('./environment.js').Environment} env
 * @param {string} name
 */
export const createDisk = (env, name) => {
  /** @type {IDBDatabase | undefined} */
  let db;
  /** @type {Promise<unknown> | undefined} */
  let opening;

  /** @param {Key} key */
  const address = (key) => name + toJson(key);

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

  const open = () =>
    new Promise((resolve) => {
      // Some never answer.
      env.setTimeout(/** @type {() => void} */ (resolve), OPEN_MS);
      const request = env.indexedDB().open(name);
      request.onerror = resolve;
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

  return {
    /** @param {Batch[]} batches with their keys, taken away again from those that could not be written */
    write: (batches) => {
      const fallBack = () => {
        for (const batch of batches) {
          if (!guard(() => (env.local()[address(/** @type {Key} */ (batch.saved))] = toJson(batch)))) batch.saved = undefined;
        }
      };
      const tx = table((q) => batches.forEach((batch) => q.put(batch, batch.saved)));
      if (tx) tx.onabort = fallBack;
      else fallBack();
    },

    /** @param {Key} key */
    erase: (key) => {
      guard(() => delete env.local()[address(key)]);
      table((q) => q.delete(key));
    },

    /** @returns {Promise<Key[]>} */
    keys: async () => {
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
      return [...keys, ...((await ask((q) => q.getAllKeys())) || [])];
    },

    /** @param {Key} key @returns {Promise<any>} */
    load: async (key) => (await ask((q) => q.get(key))) || guard(() => parse(env.local()[address(key)])),
  };
};
