import { createApi } from './api.js';

/** Registered, so that it is the same for every copy of the client, of whatever version and from whatever bundle. */
const KEY = Symbol.for('io.telemetry.browser');

/**
 * The one client of a page: whichever copy comes first.
 *
 * @param {Window & typeof globalThis} window
 * @returns {ReturnType<typeof createApi>}
 */
export const shared = (window) => {
  const holder = /** @type {any} */ (window);
  holder[KEY] = holder[KEY] || createApi(window);
  return holder[KEY];
};
