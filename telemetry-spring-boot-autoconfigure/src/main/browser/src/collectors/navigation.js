import { wrap } from '../wrap.js';
import { cleanUrl } from '../url.js';
import { listen, together } from '../listen.js';

/**
 * Route changes of single-page applications. Where there is a Navigation API nothing of the page is touched.
 *
 * @type {import('./index.js').Collector}
 */
export const routeChanges = {
  setting: 'navigation',
  install({ env: { window }, record }) {
    const { history, location, navigation } = /** @type {any} */ (window);
    let { href } = location;
    /** @param {string} address */
    const path = (address) => cleanUrl(window, address).replace(location.origin, '');

    /** @param {string} trigger */
    const changed = (trigger) => {
      const from = path(href);
      const to = path((href = location.href));
      if (to !== from) record({ type: 'analytics', subtype: 'route-change', from, to, trigger });
    };

    // Without an entry it never fires (documents of an opaque origin), or is something else of that name.
    if (navigation?.currentEntry) return listen(navigation, 'currententrychange', ({ navigationType }) => changed(navigationType || 'replace'));
    return together(
      wrap(history, 'pushState', () => () => changed('push')),
      wrap(history, 'replaceState', () => () => changed('replace')),
      listen(window, 'popstate hashchange', () => changed('traverse')),
    );
  },
};
