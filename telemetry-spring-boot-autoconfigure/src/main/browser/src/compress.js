/** Below it the head of a gzip stream and the detour cost more than they save. */
const WORTH = 1000;

/**
 * Text as it is, or compressed where that pays.
 *
 * @param {import('./environment.js').Environment['gzip']} gzip
 * @param {string} text
 * @returns {Promise<[body: string | Uint8Array<ArrayBuffer>, encoding?: string]>}
 */
export const compress = async (gzip, text) => {
  const body = gzip && text.length >= WORTH ? await gzip(text).catch(() => text) : text;
  return body.length < text.length ? [body, 'gzip'] : [text];
};
