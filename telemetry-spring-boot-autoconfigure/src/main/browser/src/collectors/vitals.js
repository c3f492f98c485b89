import { cleanUrl } from '../url.js';
import { guard } from '../guard.js';
import { pageLoad } from './page-load.js';
import { select } from '../element.js';
import { watchVitals } from '../vitals.js';

/**
 * What the entries behind a value say of its cause: the largest element, the one that was used, the one that moved most.
 *
 * @param {Window} window
 * @param {any[]} entries
 */
const attribution = (window, entries) => {
  const entry = entries.reduce((worst, one) => (one.value > worst.value ? one : worst));
  const node = entry.element || entry.target || entry.sources?.[0].node;
  return {
    element: node && select(node.closest ? node : node.parentNode),
    resource: entry.url ? cleanUrl(window, entry.url) : undefined,
    eventType: entry.interactionId ? entry.name : undefined,
  };
};

/**
 * The load of the page, and its web vitals.
 *
 * @type {import('./index.js').Collector}
 */
export const webVitals = {
  setting: 'performance',
  install: ({ env, record, isOwn, wants, onHide }) => {
    const { window } = env;
    // In a single-page application the page's own address is another by the time of the last values.
    const page = window.location.href;

    return watchVitals(env, onHide, (vital, entries) => {
      const { metricName, value, navigationType, url } = vital;
      // Comes after `load`, with the entry of the navigation; without one where the back/forward cache had the page.
      if (metricName === 'TTFB' && entries[0]) record({ ...pageLoad(window, entries[0], isOwn), navigationType });
      record({
        type: 'metric',
        subtype: 'web-vital',
        ...vital,
        value: +value.toFixed(4),
        unit: metricName === 'CLS' ? undefined : 'ms',
        url: cleanUrl(window, url || page),
        ...(wants('attribution') && guard(() => attribution(window, entries), {})),
      });
    });
  },
};
