/**
 * What was lost, by reason, until a batch takes the numbers along.
 */
export const createCounters = () => {
  /** @type {Record<string, number>} */
  let counts = {};
  /** Since the page began. @type {Record<string, number>} */
  const totals = {};
  /** @param {Record<string, number>} more @param {Record<string, number>} to */
  const add = (more, to = counts) => {
    for (const reason of Object.keys(more)) to[reason] = (to[reason] || 0) + more[reason];
  };
  return {
    /** @param {string} reason @param {number} [n] */
    count(reason, n = 1) {
      add({ [reason]: n });
      add({ [reason]: n }, totals);
    },
    totals,
    isEmpty: () => !Object.keys(counts).length,
    /** Hands the numbers to a batch. @param {Record<string, number>} dropped */
    moveTo(dropped) {
      add(counts, dropped);
      counts = {};
    },
    /** From a batch that will not arrive. @param {Record<string, number>} taken */
    giveBack: (taken) => add(taken),
  };
};
