import { describe } from '../describe.js';
import { listen } from '../listen.js';
import { locate, place } from '../location.js';
import { cleanUrl } from '../url.js';

/**
 * Uncaught errors and unhandled rejections. Listeners only: `window.onerror` and what the page makes of the event are
 * its own.
 *
 * @type {import('./index.js').Collector}
 */
export const errors = {
  name: 'errors',
  setting: 'errors',
  install: ({ env, record }) => {
    const { window } = env;

    const removeError = listen(window, 'error', (/** @type {ErrorEvent} */ event) => {
      // A resource that failed to load also comes by here on its way to its element.
      if (event.target !== window || typeof event.message !== 'string') return;
      const { error, message, filename, lineno, colno } = event;
      record({
        type: 'error',
        subtype: 'javascript',
        severity: 'high',
        message,
        ...(error === null || error === undefined ? {} : describe(error)),
        location: place(window, filename, lineno, colno),
      });
    });

    const removeRejection = listen(window, 'unhandledrejection', (/** @type {PromiseRejectionEvent} */ event) => {
      const description = describe(event.reason);
      record({
        type: 'error',
        subtype: 'javascript',
        severity: 'high',
        rejection: true,
        ...description,
        location: locate(window, description.stack) || { url: cleanUrl(window, window.location.href) },
      });
    });

    return () => {
      removeError();
      removeRejection();
    };
  },
};
