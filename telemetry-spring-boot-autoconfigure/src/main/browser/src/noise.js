/**
 * What is nobody's fault who could mend it. Counted as `noise`, never sent.
 *
 * @param {import('./environment.js').Environment} env
 * @param {Record<string, any>} event
 */
export const isNoise = (env, event) => !env || !event;
