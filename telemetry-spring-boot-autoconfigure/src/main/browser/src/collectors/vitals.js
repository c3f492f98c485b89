import { cleanUrl } from '../url.js';
import { guard } from '../guard.js';
import { pageLoad } from './page-load.js';
import { watchVitals } from '../vitals.js';

/**
 * The load of the page, and its web vitals. Our listeners for the end of the page stand on `window` and so come before the
 * client's own on `document`: the last values leave with the page.
 *
 * @type {import('./index.js').Collector}
 */
export const webVitals = {
  name: 'web-vitals',
  setting: 'performance',
  install: (tools) => {
    const { env, record, isOwn } = tools;
    const { window } = env;
    // In a single-page application the page's own address is another by the time of the last values.
    const [navigation] = window.performance.getEntriesByType('navigation');
    const page = navigation?.name || window.location.href;

    return watchVitals(env, ({ name, value, visit, entries, ...rest }) => {
      // Comes after `load`, with the entry of the navigation; without one where the back/forward cache had the page.
      if (name === 'TTFB' && entries[0]) record({ ...pageLoad(window, entries[0], isOwn), navigationType: rest.navigationType });
      record({
        type: 'metric',
        subtype: 'web-vital',
        metricName: name,
        metricId: visit,
        value: +value.toFixed(4),
        unit: name === 'CLS' ? undefined : 'ms',
        ...rest,
        url: cleanUrl(window, page),
        ...guard(() => tools.attribute?.(entries)),
      });
    });
  },
};
