import { cleanUrl } from '../url.js';
import { listen } from '../listen.js';
import { select } from '../element.js';

/**
 * Images, scripts, style sheets and the like that could not be loaded.
 *
 * @type {import('./index.js').Collector}
 */
export const resources = {
  setting: 'errors',
  early: true,
  install: ({ env: { window }, record }) =>
    // Such an event does not bubble: on its way down to the element is the only time it comes by.
    listen(window, 'error', ({ target }) => {
      const { localName } = target;
      const from = target.currentSrc || target.src || target.href || target.data;
      if (!localName || !from) return;
      const url = cleanUrl(window, from.baseVal || from);
      record({
        type: 'error',
        subtype: 'resource',
        message: `${localName} ${url} could not be loaded`,
        url,
        element: select(target),
      });
    }),
};
