/** What a proxy on the way means that answers in words of its own. @type {Record<number, string>} */
const REASONS = { 413: 'too-large', 429: 'rate-limited', 503: 'overloaded' };
/** Where browsers don't know such signals, delivery gives up after its own time. */
const TIMEOUT_MS = 10000;

/**
 * The HTTP road. Resolves to the server's answer in the form of an acknowledgement, or to nothing when there was none:
 * a 200 that a proxy or a login page made up is not one.
 *
 * @param {import('./environment.js').Environment['fetch']} fetch
 * @param {string} url
 * @param {Record<string, string>} headers
 * @param {string | Uint8Array<ArrayBuffer>} body
 * @param {string} [encoding]
 * @param {boolean} [keepalive] goes on when the page is gone
 * @returns {Promise<any>}
 */
export const post = async (fetch, url, headers, body, encoding, keepalive) => {
  try {
    // Called before the first await, so that it has left when the page goes.
    const response = await /** @type {Window['fetch']} */ (fetch)(url, {
      method: 'POST',
      body,
      headers: { ...headers, 'content-type': 'application/json', ...(encoding && { 'content-encoding': encoding }) },
      credentials: 'same-origin',
      keepalive,
      signal: keepalive ? undefined : AbortSignal.timeout?.(TIMEOUT_MS),
    });
    const answer = await response.json().catch(() => undefined);
    if (response.ok) return answer?.status === 'accepted' && answer;
    const { status } = response;
    const reason = answer?.reason || REASONS[status] || (status < 500 && `http-${status}`);
    return reason && { retryAfterMs: +/** @type {any} */ (response.headers.get('retry-after')) * 1000, ...answer, status: 'refused', reason };
  } catch {
    return undefined;
  }
};
