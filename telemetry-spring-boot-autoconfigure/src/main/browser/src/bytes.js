/** Made when it is needed: a page waits for it when it starts. @type {TextEncoder} */
let encoder;

/** @param {string} text */
export const toBytes = (text) => (encoder = encoder || new TextEncoder()).encode(text);

/** Limits on the wire count bytes, `length` counts UTF-16 units.
 * @param {string} text */
export const byteLength = (text) => (/[^\0-\x7f]/.test(text) ? toBytes(text) : text).length;
