/** @typedef {import('./batch.js').Batch} Batch */

/**
 * Holds batches until the server has answered for them. Its view is always at hand, since a page that hides can't
 * wait; a store that outlives the page mirrors what is put and removed.
 *
 * @typedef {object} Store
 * @property {boolean} durable whether what is put survives the page
 * @property {(batch: Batch) => void} put adds at the end, or takes note of a change
 * @property {(id: string) => void} remove
 * @property {(id: string) => Batch | undefined} get
 * @property {() => Batch[]} all oldest first
 * @property {() => number} size events
 * @property {() => Promise<Batch[]>} restore what earlier pages left behind, handed out once
 */

/**
 * Lives and dies with the page.
 *
 * @returns {Store}
 */
export const createMemoryStore = () => {
  /** @type {Map<string, Batch>} */
  const batches = new Map();
  return {
    durable: false,
    put: (batch) => void batches.set(batch.id, batch),
    remove: (id) => void batches.delete(id),
    get: (id) => batches.get(id),
    all: () => [...batches.values()],
    size: () => {
      let events = 0;
      for (const batch of batches.values()) events += batch.items.length;
      return events;
    },
    restore: () => Promise.resolve([]),
  };
};
