/**
 * What was lost, by reason, until a batch takes the numbers along.
 */
export const createCounters = () => {
  /** @type {Record<string, number>} */
  let counts = {};
  /** Since the page began. @type {Record<string, number>} */
  const totals = {};
  return {
    /** @param {string} reason @param {number} [n] */
    count: (reason, n = 1) => {
      counts[reason] = (counts[reason] || 0) + n;
      totals[reason] = (totals[reason] || 0) + n;
    },
    totals: () => totals,
    isEmpty: () => Object.keys(counts).length === 0,
    /** Hands the numbers to a batch. @param {Record<string, number>} dropped */
    moveTo: (dropped) => {
      for (const reason of Object.keys(counts)) dropped[reason] = (dropped[reason] || 0) + counts[reason];
      counts = {};
      return dropped;
    },
    /** From a batch that will not arrive. @param {Record<string, number>} taken */
    giveBack: (taken) => {
      for (const reason of Object.keys(taken)) counts[reason] = (counts[reason] || 0) + taken[reason];
    },
  };
};
