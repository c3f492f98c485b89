import { cut } from './cut.js';

const MOST = 20;
/** Longer than what is sent: of a secret at the end nothing must be cut off before it is masked. */
const RAW_CHARACTERS = 200;

/**
 * The last things that happened on the page, for errors to take along. Short texts, as they were: they are cleaned with
 * the error, so that what nobody asks for costs next to nothing.
 */
export const createTrail = () => {
  /** @type {object[]} */
  let entries = [];
  return {
    /** @param {Record<string, any>} event */
    add: ({ timestamp, type, subtype, severity, message, ...rest }) => {
      const words = message ? [message] : Object.values(rest);
      const text = cut(words.filter((word) => /string|number/.test(typeof word)).join(' '), RAW_CHARACTERS);
      entries = [...entries.slice(1 - MOST), { timestamp, type, subtype, text }];
    },
    /** @returns {object[] | undefined} */
    list: () => entries[0] && entries,
  };
};
