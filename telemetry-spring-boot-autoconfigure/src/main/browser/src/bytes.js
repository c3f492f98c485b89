const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @param {string} text */
export const toBytes = (text) => encoder.encode(text);

/** @param {Uint8Array} bytes */
export const toText = (bytes) => decoder.decode(bytes);

/** Limits on the wire count bytes, `length` counts UTF-16 units.
 * @param {string} text */
export const byteLength = (text) => encoder.encode(text).length;
