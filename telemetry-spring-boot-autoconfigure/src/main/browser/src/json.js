const { stringify } = JSON;

/**
 * JSON of plain values. Old libraries put a `toJSON` on the prototypes of arrays and of everything, which the browser's
 * own function would call on every part: here it gets to see texts and numbers only.
 *
 * @param {any} value
 * @returns {string}
 */
export const toJson = (value) => {
  if (typeof value !== 'object' || value === null) return stringify(value) || 'null';
  if (Array.isArray(value)) return `[${value.map(toJson)}]`;
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return `{${keys.map((key) => `${stringify(key)}:${toJson(value[key])}`)}}`;
};
