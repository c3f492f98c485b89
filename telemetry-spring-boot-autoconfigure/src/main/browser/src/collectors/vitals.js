import { cleanUrl } from '../url.js';
import { guard } from '../guard.js';
import { listen, observe, together } from '../listen.js';
import { pageLoad } from './page-load.js';

/** @param {any[]} shifts */
const total = (shifts) => shifts.reduce((sum, { value }) => sum + value, 0);

/**
 * The load of the page, then the core web vitals and their two companions, as the library `web-vitals` defines them (a test
 * holds both side by side), in less than half of its size, and such that it ends when asked to. A value is told again where
 * it has grown until the page is hidden once more. How good it is the server knows.
 *
 * @type {import('./index.js').Collector}
 */
export const webVitals = {
  setting: 'performance',
  install(tools) {
    const { env, record, isOwn, onHide } = tools;
    const { window, document, setTimeout, id, told } = /** @type {typeof env & { window: any, document: any }} */ (env);
    const { performance } = window;
    // In a single-page application the page's own address is another by the time of the last values.
    const { href } = window.location;
    /** Not asked for at the start, when the page has better things to do. */
    const navigation = () => performance.getEntriesByType('navigation')[0] || {};
    /** When a page that was prepared was asked for: what came before has cost nobody time. */
    const start = () => restoredAt || navigation().activationStart || 0;
    let restoredAt = 0;
    /** Painted later than this, nobody saw it. */
    let hiddenAt = document.visibilityState === 'hidden' && !document.prerendering ? 0 : Infinity;
    /** Null when the visitor has begun to use the page, or left it: what is painted now is not what he waited for. @type {any} */
    let largest;
    /** Shifts that follow each other closely. @type {any[]} */
    let shifts = [];
    /** @type {any[]} */
    let worstShifts = [];
    /** The longest event of each interaction, the longest first. @type {any[]} */
    let slow = [];
    let before = 0;

    /** @param {string} metricName @param {number} value @param {any[]} entries */
    const tell = (metricName, value, ...entries) => {
      if (told[metricName] === value) return;
      told[metricName] = value;
      const { activationStart, type, name } = navigation();
      const navigationType = restoredAt ? 'back-forward-cache' : activationStart ? 'prerender' : document.wasDiscarded ? 'restore' : type?.replace('_', '-');
      // Comes after `load`, with the entry of the navigation; without one where the back/forward cache had the page.
      if (metricName === 'TTFB' && entries[0]) record({ ...pageLoad(window, entries[0], isOwn), navigationType });
      record({
        type: 'metric',
        subtype: 'web-vital',
        metricName,
        // One for each time that the page is come to.
        metricId: told.visit = told.visit || id(),
        value: +value.toFixed(4),
        unit: metricName === 'CLS' ? undefined : 'ms',
        navigationType,
        url: cleanUrl(window, name || href),
        ...guard(() => tools.attribute?.(entries)),
      });
    };

    /** @param {string} name @param {number} time @param {any} [cause] */
    const tellTime = (name, time, cause) => tell(name, Math.max(time - start(), 0), cause);

    const tellLargest = () => {
      if (largest) tellTime('LCP', largest.startTime, largest);
      largest = null;
    };

    /** @type {Record<string, (entry: any) => void>} */
    const takers = {
      'visibility-state'({ name, startTime }) {
        // A page that is being prepared is not hidden, though it says so.
        if (name === 'hidden' && startTime >= start() && !document.prerendering) hiddenAt = Math.min(hiddenAt, startTime);
      },
      paint(one) {
        if (one.name === 'first-contentful-paint' && one.startTime < hiddenAt) tellTime('FCP', one.startTime, one);
      },
      'largest-contentful-paint'(one) {
        if (largest !== null && one.startTime < hiddenAt) largest = one;
      },
      'layout-shift'(one) {
        if (one.hadRecentInput) return;
        const last = shifts[shifts.length - 1];
        const follows = one.startTime - last?.startTime < 1000 && one.startTime - shifts[0].startTime < 5000;
        shifts = [...(follows ? shifts : []), one];
        if (total(shifts) > total(worstShifts)) worstShifts = shifts;
      },
      event(one) {
        if (!one.interactionId) return;
        slow = [...slow, one]
          .sort((a, b) => b.duration - a.duration)
          .filter(({ interactionId }, i, all) => all.findIndex((other) => other.interactionId === interactionId) === i)
          .slice(0, 10);
      },
      'first-input': (one) => takers.event(one),
    };

    const first = () => {
      const entry = navigation();
      if (entry.responseStart > 0 && !document.prerendering) tellTime('TTFB', entry.responseStart, entry);
    };
    // When the entry is complete.
    const soon = () => setTimeout(first, 0);
    if (document.readyState === 'complete') soon();
    return together(
      observe(window, onHide, Object.keys(takers), (one) => takers[one.entryType](one), { durationThreshold: 40 }),
      listen(window, 'load prerenderingchange', soon),
      listen(window, 'keydown click', ({ isTrusted }) => isTrusted && setTimeout(tellLargest, 0)),
      // After what the observer still had in hand.
      onHide(() => {
        hiddenAt = Math.min(hiddenAt, performance.now());
        tellLargest();
        if ('FCP' in told) tell('CLS', total(worstShifts), ...worstShifts);
        // Of many interactions the slowest two in a hundred are forgiven.
        const interaction = slow.slice(0, 1 + (performance.interactionCount - before) / 50 || 1).pop();
        if (interaction) tell('INP', interaction.duration, interaction);
      }),
      listen(window, 'pageshow', ({ persisted, timeStamp }) => {
        if (!persisted) return;
        restoredAt = timeStamp;
        for (const name in told) delete told[name];
        shifts = [];
        worstShifts = [];
        slow = [];
        before = performance.interactionCount;
        window.requestAnimationFrame(() => window.requestAnimationFrame(() => {
          tellTime('FCP', performance.now());
          tellTime('LCP', performance.now());
        }));
        tellTime('TTFB', 0);
      }),
    );
  },
};
