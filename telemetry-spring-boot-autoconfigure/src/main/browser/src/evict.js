/** @typedef {import('./batch.js').Batch} Batch */
/** @typedef {import('./batch.js').Item} Item */

/**
 * Gives up one event: of the least important ones the oldest, and rather one that was never sent. An event taken from a
 * batch that was sent but not answered for may have arrived, so the count is what may be missing, never less.
 *
 * @param {Batch[]} batches
 * @param {Item[][]} loose lists that are younger than every batch
 * @returns {Batch | undefined} the batch that lost an event
 */
export const evictOne = (batches, loose) => {
  let least = Infinity;
  let at = 0;
  /** @type {Pick<Batch, 'items' | 'attempts'> | undefined} */
  let found;
  for (const one of [...batches, ...loose.map((items) => ({ items, attempts: 0 }))]) {
    one.items.forEach(({ importance }, index) => {
      const rank = importance * 2 + (one.attempts > 0 ? 1 : 0);
      if (rank >= least) return;
      least = rank;
      at = index;
      found = one;
    });
  }
  found?.items.splice(at, 1);
  return batches.find((batch) => batch === found);
};
