import { isUrgent } from './importance.js';

/**
 * The rate at which events like this one are kept.
 *
 * @param {Record<string, any>} event
 * @param {string} key the subtype, or a finer name such as `click`
 * @param {Record<string, number>} rates
 */
export const rateOf = (event, key, rates) => {
  if (isUrgent(event)) return 1;
  // Not what every object has by that name.
  return Math.min(rates[key] >= 0 ? rates[key] : rates.default, 1);
};
