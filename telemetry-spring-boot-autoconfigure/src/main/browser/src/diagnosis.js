import { cut } from './cut.js';
import { guard } from './guard.js';
import { snapshot } from './snapshot.js';
import { toJson } from './json.js';

/** What is no error of the page and none of the client's. */
const HAPPENINGS = ['log', 'metric', 'analytics'];

/**
 * What the client tells of itself when the server asks: how it fares, and nothing of what the page shows.
 *
 * @param {import('./environment.js').Environment} env
 * @param {unknown} what the parts that are asked for
 * @param {import('./batch.js').Batch[]} batches
 * @param {Record<string, number>} dropped by reason
 * @param {object} connection
 * @param {any[]} [trail]
 * @returns {string} JSON, some kilobytes at most
 */
export const answer = function ({ window, document }, what, batches, dropped, connection, trail = []) {
  /** @param {(batch: import('./batch.js').Batch) => unknown} filter */
  const events = (filter) => batches.filter(filter).flatMap(({ items }) => items).length;

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
    buffer: () => ({
      waiting: events(({ attempts, saved }) => !attempts && !saved),
      stored: events(({ attempts, saved }) => attempts || saved),
      inFlight: batches.filter(({ on }) => on).length,
      dropped,
    }),
    timings: () => ({ connection, navigation: guard(navigation) }),
    errors: () => trail.filter(({ type }) => !HAPPENINGS.includes(type)),
  };
  /** @type {Record<string, unknown>} */
  const told = {};
  for (const [part, read] of Object.entries(tell)) {
    if (!Array.isArray(what) || what.includes(part)) told[part] = guard(read);
  }
  return toJson(snapshot(told));
};
