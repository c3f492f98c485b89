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
  /** @type {{ list: Item[], index: number, batch: Batch | undefined } | undefined} */
  let found;
  /** @param {Item[]} list @param {Batch} [batch] */
  const look = (list, batch) => {
    for (let index = 0; index < list.length; index++) {
      const rank = list[index].importance * 2 + (batch && batch.attempts > 0 ? 1 : 0);
      if (rank >= least) continue;
      least = rank;
      found = { list, index, batch };
    }
  };
  for (const batch of batches) look(batch.items, batch);
  for (const list of loose) look(list);
  if (!found) return undefined;
  found.list.splice(found.index, 1);
  return found.batch;
};
