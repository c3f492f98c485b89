import { createMask, standardMask } from './mask.js';

/**
 * @typedef {{ enabled: boolean, sampling: Record<string, number>, collect: Record<string, boolean>,
 *   session: { rate: number, idleMs: number }, buffer: { events: number, flushMs: number, bytes: number, stored: number },
 *   asks: (rule: string) => boolean, mask: import('./mask.js').Mask }} Effective
 */

/** What is not named is collected. @type {Omit<Effective, 'asks' | 'mask'>} */
export const DEFAULTS = {
  enabled: true,
  sampling: { default: 1, 'page-load': 1, 'api-call': 0.1, click: 0.01, scroll: 0.001 },
  collect: { attribution: false, scroll: false, mouse: false },
  session: { rate: 1, idleMs: 1800000 },
  buffer: { events: 100, flushMs: 5000, bytes: 60000, stored: 1000 },
};

/** Below the first number a setting would make a storm of requests, above the second it would hold the page's memory.
 * @type {[key: string, least: number, most: number][]} */
const BOUNDS = [['events', 1, 1000], ['flushMs', 100, 600000], ['bytes', 4000, 60000], ['stored', 1, 10000]];

/** @typedef {Record<string, any> | undefined} Layer */

/**
 * Of the right type and, where it is a number, neither negative nor endless.
 *
 * @param {any} value
 * @param {string} [type]
 */
const isUsable = (value, type = 'number') => typeof value === type && value >= 0 && value < Infinity;

/**
 * Layers come from a server and from foreign code: a value of the wrong type is as good as absent.
 *
 * @param {Layer} server from `<path>/config` or pushed
 * @param {Layer} attributes
 * @param {Layer} options given to `init`
 * @returns {Effective}
 */
export const effective = function (server, attributes, options) {
  const layers = [server, attributes, options];
  /** @param {'sampling' | 'collect' | 'session' | 'buffer'} group @param {string} [type] @returns {any} */
  const merge = (group, type) => {
    const given = [DEFAULTS, ...layers].flatMap((layer) => Object.entries(layer?.[group] || {}));
    return Object.fromEntries(given.filter(([, value]) => isUsable(value, type)));
  };
  const buffer = merge('buffer');
  for (const [key, least, most] of BOUNDS) {
    // What the server says is a limit as well, but for the time.
    const limit = key === 'flushMs' ? most : server?.buffer?.[key];
    buffer[key] = Math.max(least, Math.min(buffer[key], most, isUsable(limit) ? limit : most));
  }
  buffer.events = Math.min(buffer.events, buffer.stored);
  const privacy = layers.map((layer) => layer?.privacy);
  const removed = privacy.flatMap((layer) => layer?.remove || []).map(String).filter((name) => /^\w[\w-]+$/.test(name));
  return {
    enabled: layers.every((layer) => layer?.enabled !== false),
    sampling: merge('sampling'),
    collect: merge('collect', 'boolean'),
    session: merge('session'),
    buffer,
    // Each may ask for more privacy, none for less.
    asks: (rule) => privacy.some((layer) => layer?.[rule] === true),
    mask: removed.length > 0 ? createMask(removed) : standardMask(),
  };
};
