import { cut } from './cut.js';
import { guard } from './guard.js';
import { snapshot } from './snapshot.js';
import { toJson } from './json.js';

const MOST_ERRORS = 10;

/**
 * What the client tells of itself when the server asks: how it fares, and nothing of what the page shows.
 *
 * @param {import('./environment.js').Environment} env
 * @param {() => object} buffer
 * @param {() => object} connection
 */
export const createDiagnostics = (env, buffer, connection) => {
  const { window, document } = env;
  /** @type {{ at: number, type: string, message: string }[]} */
  let errors = [];

  const environment = () => {
    const { navigator, innerWidth, innerHeight } = window;
    return {
      userAgent: cut(navigator.userAgent, 500),
      language: navigator.language,
      viewport: `${innerWidth}x${innerHeight}`,
      online: navigator.onLine,
      visibility: document.visibilityState,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    };
  };

  const navigation = () => {
    /** @type {any} */
    const entry = window.performance.getEntriesByType('navigation')[0];
    const { type, responseStart, responseEnd, domContentLoadedEventEnd, loadEventEnd } = entry;
    return { type, responseStart, responseEnd, domContentLoadedEventEnd, loadEventEnd };
  };

  /** @type {Record<string, () => unknown>} */
  const tell = {
    environment,
    buffer,
    timings: () => ({ ...connection(), navigation: guard(navigation) }),
    errors: () => errors,
  };

  return {
    /** @param {unknown} type @param {unknown} message */
    remember: (type, message) => {
      errors = [...errors, { at: env.now(), type: cut(type, 50), message: cut(message, 200) }].slice(-MOST_ERRORS);
    },

    /** @param {unknown} what the parts that are asked for @returns {string} JSON, some kilobytes at most */
    answer: (what) => {
      /** @type {Record<string, unknown>} */
      const answer = {};
      for (const [part, read] of Object.entries(tell)) {
        if (!Array.isArray(what) || what.includes(part)) answer[part] = guard(read);
      }
      return toJson(snapshot(answer));
    },
  };
};
