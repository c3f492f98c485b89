const { stringify } = JSON;

/** As it was before the page put another in its place. */
export const { parse } = JSON;

/**
 * JSON of plain values. Old libraries put a `toJSON` on the prototypes of arrays and of everything, which the browser's
 * own function would call on every part: there it gets to see texts and numbers only.
 *
 * @param {any} value
 * @returns {string}
 */
export const toJson = (value) => {
  if (typeof value !== 'object' || !value || !(/** @type {any} */ ([]).toJSON)) return stringify(value) || 'null';
  if (Array.isArray(value)) return `[${value.map(toJson)}]`;
  return `{${Object.entries(value).flatMap(([key, part]) => (part === undefined ? [] : `${stringify(key)}:${toJson(part)}`))}}`;
};
