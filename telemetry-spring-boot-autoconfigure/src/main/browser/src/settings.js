import { createMask } from './mask.js';

/**
 * @typedef {{ enabled: boolean, sampling: Record<string, number>, collect: Record<string, boolean>,
 *   session: { rate: number, idleMs: number }, buffer: { events: number, flushMs: number, bytes: number, stored: number },
 *   privacy: { asks: (rule: string) => boolean, mask: import('./mask.js').Mask } }} Effective
 */

/** @type {Omit<Effective, 'privacy'>} */
export const DEFAULTS = {
  enabled: true,
  sampling: { default: 1, 'page-load': 1, 'api-call': 0.1, click: 0.01, scroll: 0.001 },
  collect: { errors: true, console: true, network: true, performance: true, interactions: true, navigation: true, attribution: false, scroll: false, mouse: false },
  session: { rate: 1, idleMs: 1800000 },
  buffer: { events: 100, flushMs: 5000, bytes: 60000, stored: 1000 },
};

/** Below the first a setting would make a storm of requests, above the second it would hold the page's memory.
 * @type {Record<string, [number, number]>} */
const BOUNDS = { events: [1, 1000], flushMs: [100, 600000], bytes: [4000, 60000], stored: [1, 10000] };

/** @typedef {Record<string, any> | undefined} Layer */

/**
 * Of the right type and, where it is a number, neither negative nor endless.
 *
 * @param {any} value
 * @param {string} type
 */
const isUsable = (value, type) => typeof value === type && value >= 0 && value < Infinity;

/**
 * Layers come from a server and from foreign code: a value of the wrong type is as good as absent.
 *
 * @param {Record<string, any>} defaults
 * @param {any[]} layers weakest first
 * @param {string} [type]
 * @returns {any}
 */
const merge = (defaults, layers, type = 'number') => {
  const merged = { ...defaults };
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer || {})) if (isUsable(value, type)) merged[key] = value;
  }
  return merged;
};

/**
 * @param {Layer} server from `<path>/config` or pushed
 * @param {Layer} attributes
 * @param {Layer} options given to `init`
 * @returns {Effective}
 */
export const effective = (server, attributes, options) => {
  const layers = [server, attributes, options];
  /** @param {string} group */
  const parts = (group) => layers.map((layer) => layer?.[group]);
  const buffer = merge(DEFAULTS.buffer, parts('buffer'));
  // What the server says is a limit as well, but for the time.
  const limits = { ...merge({}, [server?.buffer]), flushMs: Infinity };
  for (const [key, [least, most]] of Object.entries(BOUNDS)) {
    buffer[key] = Math.max(least, Math.min(buffer[key], most, limits[key] ?? most));
  }
  buffer.events = Math.min(buffer.events, buffer.stored);
  const privacy = parts('privacy');
  const removed = privacy.flatMap((layer) => layer?.remove || []).map(String).filter((name) => /^\w[\w-]+$/.test(name));
  return {
    enabled: layers.every((layer) => layer?.enabled !== false),
    sampling: merge(DEFAULTS.sampling, parts('sampling')),
    collect: merge(DEFAULTS.collect, parts('collect'), 'boolean'),
    session: merge(DEFAULTS.session, parts('session')),
    buffer,
    privacy: {
      // Each may ask for more, none for less.
      asks: (rule) => privacy.some((layer) => layer?.[rule] === true),
      mask: createMask(removed),
    },
  };
};
