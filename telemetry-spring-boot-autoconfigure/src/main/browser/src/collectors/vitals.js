import { onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals';
import { cleanUrl } from '../url.js';
import { guard } from '../guard.js';
import { pageLoad } from './page-load.js';
import { select } from '../element.js';

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

/** Where values go now: what `web-vitals` has begun can't be ended. @type {((metric: any) => void) | undefined} */
let sink;
let begun = false;

/**
 * The load of the page, core web vitals and their two companions, as `web-vitals` measures them, which also waits for a
 * page that is prepared to be shown. Its listeners for the end of the page stand on `window` and so come before the
 * client's own on `document`: the last values leave with the page.
 *
 * @type {import('./index.js').Collector}
 */
export const webVitals = {
  name: 'web-vitals',
  setting: 'performance',
  install: ({ env, record, isOwn, onHide, wants }) => {
    const { window } = env;
    /** The last of its kind, until the page hides. @type {any} */
    let inp;
    // In a single-page application another by the time of the last values.
    const url = cleanUrl(window, window.location.href);

    /** @param {any} metric */
    const report = ({ name, value, rating, navigationType, id, entries }) => {
      // Comes after `load`, with the entry of the navigation; without one where the back/forward cache had the page.
      if (name === 'TTFB' && entries[0]) record({ ...pageLoad(window, entries[0], isOwn), navigationType });
      record({
        type: 'metric',
        subtype: 'web-vital',
        metricName: name,
        metricId: id,
        value: +value.toFixed(4),
        unit: name === 'CLS' ? undefined : 'ms',
        rating,
        navigationType,
        url,
        ...(wants('attribution') && guard(() => attribution(window, entries), {})),
      });
    };
    // `web-vitals` looks at interactions when the page is idle. Of one that leads away from the page it knows too late to
    // report it of its own accord, so every value is asked for and the last one kept.
    const removeHide = onHide(() => {
      if (inp) report(inp);
      inp = undefined;
    });
    sink = (metric) => {
      if (metric.name === 'INP') inp = metric;
      else report(metric);
    };
    if (!begun) {
      begun = true;
      for (const on of [onCLS, onFCP, onINP, onLCP, onTTFB]) on((metric) => guard(() => sink?.(metric), undefined), { reportAllChanges: on === onINP });
    }
    return () => {
      removeHide();
      sink = undefined;
    };
  },
};
