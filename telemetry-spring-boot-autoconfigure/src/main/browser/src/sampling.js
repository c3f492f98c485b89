/**
 * @param {() => number} random
 * @param {() => Record<string, number>} rates
 */
export const createSampler = (random, rates) => {
  /**
   * @param {Record<string, any>} event
   * @param {string} key the subtype, or a finer name such as `click`
   * @returns {number} the rate it was kept at, 0 when it was not
   */
  return (event, key) => {
    if (event.type === 'error' || event.severity === 'high') return 1;
    const table = rates();
    const rate = Object.prototype.hasOwnProperty.call(table, key) ? table[key] : table.default;
    return rate >= 1 || random() < rate ? Math.min(rate, 1) : 0;
  };
};
