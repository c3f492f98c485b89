/**
 * @typedef {{ enabled: boolean, sampling: Record<string, number>, collect: Record<string, boolean>, session: { rate: number },
 *   buffer: { events: number, flushMs: number, bytes: number, stored: number } }} Effective
 */

/** @type {Effective} */
export const DEFAULTS = {
  enabled: true,
  sampling: { default: 1, 'page-load': 1, 'api-call': 0.1, click: 0.01, scroll: 0.001 },
  collect: { errors: true, console: true, network: true, performance: true, interactions: true, navigation: true, scroll: false, mouse: false },
  session: { rate: 1 },
  buffer: { events: 100, flushMs: 5000, bytes: 60000, stored: 1000 },
};

/** Below the first a setting would make a storm of requests, above the second it would hold the page's memory.
 * @type {Record<string, [number, number]>} */
const BOUNDS = { events: [1, 1000], flushMs: [100, 600000], bytes: [4000, 60000], stored: [1, 10000] };

/** @typedef {Record<string, any> | undefined} Layer */

/** @param {unknown} value @param {string} type */
const isUsable = (value, type) => typeof value === type && (type !== 'number' || (Number.isFinite(value) && Number(value) >= 0));

/**
 * Layers come from a server and from foreign code: a value of the wrong type is as good as absent.
 *
 * @param {Record<string, any>} defaults
 * @param {Layer[]} layers weakest first
 * @param {string} type
 */
const merge = (defaults, layers, type) => {
  const merged = { ...defaults };
  for (const layer of layers) {
    if (!layer || typeof layer !== 'object') continue;
    for (const key of Object.keys(layer)) {
      if (isUsable(layer[key], type)) merged[key] = layer[key];
    }
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
  const parts = (group) => layers.map((layer) => layer && layer[group]);
  const buffer = merge(DEFAULTS.buffer, parts('buffer'), 'number');
  for (const [key, [least, most]] of Object.entries(BOUNDS)) {
    const given = server?.buffer?.[key];
    const bound = isUsable(given, 'number') && key !== 'flushMs' ? Math.min(most, given) : most;
    buffer[key] = Math.max(least, Math.min(buffer[key], bound));
  }
  buffer.events = Math.min(buffer.events, buffer.stored);
  return {
    enabled: layers.every((layer) => layer?.enabled !== false),
    sampling: merge(DEFAULTS.sampling, parts('sampling'), 'number'),
    collect: merge(DEFAULTS.collect, parts('collect'), 'boolean'),
    session: /** @type {Effective['session']} */ (merge(DEFAULTS.session, parts('session'), 'number')),
    buffer: /** @type {Effective['buffer']} */ (buffer),
  };
};
