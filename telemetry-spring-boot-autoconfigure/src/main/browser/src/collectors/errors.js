import { describe } from '../describe.js';
import { listen, together } from '../listen.js';
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
  install: ({ env: { window }, record }) => {
    /** @param {object} fields */
    const report = (fields) => record({ type: 'error', subtype: 'javascript', severity: 'high', ...fields });

    return together(
      listen(window, 'error', ({ target, error, message, filename, lineno, colno }) => {
        // A resource that failed to load also comes by here on its way to its element.
        if (target !== window || typeof message !== 'string') return;
        report({ message, ...(error === null || error === undefined ? {} : describe(error)), location: place(window, filename, lineno, colno) });
      }),
      listen(window, 'unhandledrejection', ({ reason }) => {
        const description = describe(reason);
        report({ rejection: true, ...description, location: locate(window, description.stack) || { url: cleanUrl(window, window.location.href) } });
      }),
    );
  },
};
