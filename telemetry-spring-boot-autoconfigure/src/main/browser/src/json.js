const { stringify } = JSON;

/** As it was before the page put another in its place. */
export const { parse } = JSON;

/**
 * JSON of plain values. Old libraries put a `toJSON` on the prototypes of arrays and of everything, which the browser's
 * own function would call on every part: here it gets to see texts and numbers only.
 *
 * @param {any} value
 * @returns {string}
 */
export const toJson = (value) => {
  if (Array.isArray(value)) return `[${value.map(toJson)}]`;
  if (typeof value !== 'object' || !value) return stringify(value) || 'null';
  return `{${Object.entries(value).flatMap(([key, part]) => (part === undefined ? [] : `${stringify(key)}:${toJson(part)}`))}}`;
};
