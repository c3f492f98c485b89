const encoder = new TextEncoder();
// A byte order mark at the beginning of a body belongs to it.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** @param {string} text */
export const toBytes = (text) => encoder.encode(text);

/** @param {Uint8Array} bytes */
export const toText = (bytes) => decoder.decode(bytes);

/** Limits on the wire count bytes, `length` counts UTF-16 units.
 * @param {string} text */
export const byteLength = (text) => toBytes(text).length;

/** @param {Uint8Array} first @param {Uint8Array} second */
export const join = (first, second) => {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
};
