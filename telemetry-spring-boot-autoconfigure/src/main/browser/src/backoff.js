/**
 * Full jitter: anywhere between now and a ceiling that doubles, so that clients that lost the server together don't
 * come back together. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param {import('./environment.js').Environment} env
 * @param {number} attempt from 0
 */
export const backoff = (env, attempt) => env.random() * Math.min(30000, 1000 * 2 ** attempt);
