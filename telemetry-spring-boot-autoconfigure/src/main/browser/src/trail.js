import { cut } from './cut.js';

const MOST = 20;
const CHARACTERS = 100;
/** Of a secret at the end nothing must be cut off before it is masked. */
const MARGIN = 100;

/**
 * The last things that happened on the page, for errors to take along: short texts, cleaned at once, since an error
 * takes along what others took along as well.
 *
 * @param {() => import('./mask.js').Mask} mask
 */
export const createTrail = (mask) => {
  /** @type {object[]} */
  const entries = [];
  return {
    /** @param {Record<string, any>} event */
    add({ timestamp, type, subtype, severity, message, ...rest }) {
      const words = message ? [message] : Object.values(rest);
      const text = cut(mask().text(cut(words.filter((word) => /string|number/.test(typeof word)).join(' '), CHARACTERS + MARGIN)), CHARACTERS);
      if (entries.push({ timestamp, type, subtype, text }) > MOST) entries.shift();
    },
    /** @returns {object[] | undefined} */
    list: () => entries[0] && [...entries],
  };
};
