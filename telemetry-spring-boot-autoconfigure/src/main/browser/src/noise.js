/**
 * Whether all places that a text names are in browser extensions. Safari hides where an extension's script lies.
 *
 * @param {string | undefined} text a stack, an address, or a bare scheme
 * @returns {boolean | undefined} nothing where it names none
 */
const isForeign = (text) => text?.match(/^[\w-]+$|[\w-]+(?=:\/)/g)?.every((scheme) => /-extension|masked-url/.test(scheme));

/**
 * What is nobody's fault who could mend it. Counted as `noise`, never sent.
 *
 * @param {Record<string, any>} event
 * @param {any[]} ignore strings that a message contains, or regular expressions that it matches
 */
export const isNoise = ({ type, message, stack, location, url }, ignore) =>
  (type === 'error' &&
    ((/^ResizeObserver loop|^Script error\.?$/.test(message) && !location?.line) || (isForeign(stack) ?? isForeign(location?.url)) || isForeign(url))) ||
  // `search` does not depend on where a regular expression with `g` stands.
  (typeof message === 'string' && ignore.some((pattern) => (typeof pattern === 'string' ? message.includes(pattern) : message.search(pattern) >= 0)));
