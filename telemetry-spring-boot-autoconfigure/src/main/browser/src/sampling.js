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
  return Math.min(Object.keys(rates).includes(key) ? rates[key] : rates.default, 1);
};
