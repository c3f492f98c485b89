import { describe } from '../describe.js';
import { listen, together } from '../listen.js';
import { place } from '../location.js';

/**
 * Uncaught errors and unhandled rejections. Listeners only: `window.onerror` and what the page makes of the event are
 * its own.
 *
 * @type {import('./index.js').Collector}
 */
export const errors = {
  setting: 'errors',
  early: true,
  install({ env: { window }, record }) {
    /** @param {unknown} thrown @param {object} more */
    const report = (thrown, more) => {
      const description = describe(window, thrown);
      record({ type: 'error', subtype: 'javascript', ...description, location: description.location || place(window), ...more });
    };

    return together(
      listen(window, 'error', ({ target, error, message, filename, lineno, colno }) => {
        // A resource that failed to load also comes by here on its way to its element.
        if (target === window && typeof message === 'string') report(error ?? message, { location: place(window, filename, lineno, colno) });
      }),
      listen(window, 'unhandledrejection', ({ reason }) => report(reason, { rejection: true })),
    );
  },
};
