/** Fields whose names end so never leave the page, in texts neither what follows such a name. */
const SECRET = 'password|passwd|pwd|token|api-key|secret|authorization|cookie|credit-card|card-number|cvv';
const PERSONAL = 'ssn|phone|address';
const HIDDEN = '***';

/**
 * `name@2x.png` and `package@1.2.3` are no addresses. Here and below a match begins at a border, or takes what it has
 * looked at: a hostile text takes no more time than its length.
 */
const MAIL = /(^|[\s@"'<>()[\]:;,=/\\])[^\s@"'<>()[\]:;,=/\\]+(?:@|%40)(?!\d+(?:x\.|\.\d))[^\s@"'<>()[\]:;,=/\\]{1,99}\.[a-z]{2,}/gi;
const TOKEN = /\b(?:bearer +[\w.~+/-]{8,}=*|eyJ[\w-]{10,}[\w.-]*)/gi;
/**
 * International phone numbers with `+`; social security numbers as 3-2-4; American phone numbers as 3-3-4; and, in a
 * group, digits that may hold a card's. None is part of something longer, such as an id, or a fraction.
 */
const NUMBER = /(^|[^a-z\d.]|\D\.)(?:\+\d(?:[ ()/-]{0,2}\d){7,14}|\d{3}[ -]\d\d[ -]\d{4}|\(?\d{3}(?:\) ?|[ .-])\d{3}[ .-]\d{4}|(\d(?:[ -]?\d){12,40}))(?![a-z\d])/gi;

/** Without any of these none of the others matches: most texts are not searched further, addresses with the id of an order neither. */
const SUSPECT = /[@%=+]|:(?!\/\/)|(^|[^a-z\d.]|\D\.)(?:\d[ ).-]{0,2}){9}|bearer|eyj/i;

/** Times begin with 1 (milliseconds) or 20 (a year). @param {string} digits */
const isCard = (digits) =>
  /^(?!20)[2-9]\d{12,18}$/.test(digits) &&
  [...digits].reverse().reduce((sum, digit, i) => sum + +(i % 2 ? '0246813579'[+digit] : digit), 0) % 10 === 0;

/** It may stand beside other numbers, whole or in groups as on a card: those of a UUID are longer. @param {string} run of digits */
const holdsCard = (run) =>
  /** @type {RegExpMatchArray} */ (run.match(/\d{7,}|\d{1,6}(?:[ -]\d{1,6}\b)*/g)).some((part) => part.split(/[ -]/).some((_, first, groups) => {
    let digits = '';
    return groups.slice(first).some((group) => isCard((digits += group)));
  }));

/** @param {string} found @param {string} before @param {string | undefined} run */
const number = (found, before, run) => (run && !holdsCard(run) ? found : before + HIDDEN);

/**
 * What of an event must not leave the page, by the names of its fields and by the look of its texts.
 *
 * @param {string[]} [more] names of fields, of letters, digits, `-` and `_`
 */
export const createMask = (more = []) => {
  const names = [SECRET, ...more].join('|').replace(/[-_]/g, '[-_]?');
  const key = new RegExp(`(?:${names}|${PERSONAL})$`, 'i');
  // Not `…/password:12:34`, a place in a stack.
  const pair = new RegExp(`((?:${names})[\\\\"']*\\s?[:=]\\s?(?!\\d+:\\d))(?:\\\\?"[^"]*|'[^']*|(?:bearer +|basic +)?[^\\s&"',;)}\\]]+)`, 'gi');
  return {
    /** @param {string} name of a field */
    hides: (name) => key.test(name.replace(/[-_]/g, '')),
    /** @param {string} text */
    text: (text) => !SUSPECT.test(text) ? text :
      text.replace(MAIL, `$1${HIDDEN}@${HIDDEN}`).replace(pair, `$1${HIDDEN}`).replace(TOKEN, HIDDEN).replace(NUMBER, number),
  };
};

/** @type {Mask | undefined} */
let standard;

/** Where nothing more is known. Made at first need: a page waits for it when it starts. */
export const standardMask = () => (standard = standard || createMask());

/** @typedef {ReturnType<typeof createMask>} Mask */
