/**
 * Full jitter: anywhere between now and a ceiling that doubles, so that clients that lost the server together don't
 * come back together. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param {() => number} random
 * @param {number} attempt from 0
 * @param {number} [base]
 * @param {number} [cap]
 */
export const backoff = (random, attempt, base = 1000, cap = 30000) => random() * Math.min(cap, base * 2 ** Math.min(attempt, 20));
