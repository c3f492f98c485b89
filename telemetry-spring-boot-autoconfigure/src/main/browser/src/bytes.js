const encoder = new TextEncoder();

/** @param {string} text */
export const toBytes = (text) => encoder.encode(text);

/** Limits on the wire count bytes, `length` counts UTF-16 units.
 * @param {string} text */
export const byteLength = (text) => toBytes(text).length;
