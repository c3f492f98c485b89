/**
 * What was lost, by reason, until a batch takes the numbers along.
 */
export const createCounters = () => {
  /** @type {Record<string, number>} */
  let counts = {};
  return {
    /** @param {string} reason @param {number} [n] */
    count: (reason, n = 1) => {
      counts[reason] = (counts[reason] || 0) + n;
    },
    isEmpty: () => Object.keys(counts).length === 0,
    take: () => {
      const taken = counts;
      counts = {};
      return taken;
    },
    /** From a batch that will not arrive. @param {Record<string, number>} taken */
    giveBack: (taken) => {
      for (const reason of Object.keys(taken)) counts[reason] = (counts[reason] || 0) + taken[reason];
    },
  };
};
