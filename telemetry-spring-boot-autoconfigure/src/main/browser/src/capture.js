import { guard } from './guard.js';

/** @typedef {import('./collectors/index.js').Collector} Collector */

/** What collectors have from the client, by name. */
const ASKED = ['record', 'note', 'count', 'isOwn', 'load', 'traceOrigins', 'draw'];

/**
 * Installs the collectors and takes them out again. They watch before there is a client: to watch is cheap, while to set
 * up a client is not, and can wait for the end of the page's task or for the first thing that is seen.
 *
 * @param {import('./environment.js').Environment} env
 * @param {Collector[]} collectors
 * @param {() => any} client sets it up where it is not
 */
export const createCapture = function (env, collectors, client) {
  /** @type {Set<() => void>} */
  const hooks = new Set();
  /** Those that were, too. @type {Map<Collector, (() => void) | undefined>} */
  const installed = new Map();
  const tools = /** @type {any} */ ({
    env,
    onHide(/** @type {() => void} */ work) {
      hooks.add(work);
      return () => void hooks.delete(work);
    },
  });
  for (const name of ASKED) tools[name] = (/** @type {any[]} */ ...args) => client()?.[name](...args);

  return {
    /** @param {(collector: Collector) => unknown} isWanted */
    install(isWanted) {
      for (const collector of collectors) {
        const wanted = isWanted(collector);
        const restore = installed.get(collector);
        if (wanted && !restore) {
          installed.set(collector, guard(() => collector.install(tools, installed.has(collector))) || (() => {}));
        } else if (!wanted && restore) {
          installed.set(collector, undefined);
          guard(restore);
        }
      }
    },

    /** The page is about to be hidden or left. */
    hide: () => hooks.forEach(guard),
  };
};

/** @typedef {ReturnType<typeof createCapture>} Capture */
