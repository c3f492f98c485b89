import { guard } from './guard.js';
import { listen } from './listen.js';

/** Good up to the first, poor above the second. https://web.dev/articles/vitals @type {Record<string, [number, number]>} */
const RATINGS = { TTFB: [800, 1800], FCP: [1800, 3000], LCP: [2500, 4000], CLS: [0.1, 0.25], INP: [200, 500] };

/**
 * The core web vitals and their two companions, as the library `web-vitals` defines them (a test holds both side by side),
 * in less than half of its size, and such that it ends when asked to.
 *
 * @param {import('./environment.js').Environment} env
 * @param {(vital: { name: string, value: number, rating: string, navigationType: string, visit: string,
 *   entries: any[] }) => void} report
 *   also again, where a value has grown until the page is hidden once more
 * @returns {() => void} ends it
 */
export const watchVitals = ({ window, document, setTimeout, id, told }, report) => {
  /** @type {any} */
  const { performance, PerformanceObserver } = window;
  /** @type {any} */
  const { prerendering, wasDiscarded, visibilityState } = document;
  /** @type {Map<PerformanceObserver, (entry: any) => void>} */
  const observers = new Map();
  const [entry] = performance.getEntriesByType('navigation');
  /** When a page that was prepared was asked for: what came before has cost nobody time. */
  const start = () => entry?.activationStart || 0;
  let restored = false;
  /** Painted later than this, nobody saw it. */
  let hiddenAt = visibilityState === 'hidden' && !prerendering ? 0 : Infinity;
  for (const { name, startTime } of performance.getEntriesByType('visibility-state')) {
    if (name === 'hidden' && !prerendering && startTime >= start()) hiddenAt = Math.min(hiddenAt, startTime);
  }
  /** @type {any} */
  let largest;
  /** The visitor has begun to use the page, or left it: what is painted now is not what he waited for. */
  let closed = false;
  /** Shifts that follow each other closely. @type {any[]} */
  let shifts = [];
  /** @type {any[]} */
  let worstShifts = [];
  let sum = 0;
  let worst = 0;
  /** Interactions, the longest first. @type {any[]} */
  let slow = [];
  let before = 0;

  /** @param {string} name @param {number} value @param {any[]} entries */
  const tell = (name, value, entries) => {
    if (told[name] === value) return;
    told[name] = value;
    // One for each time that the page is come to.
    const visit = (told.visit = told.visit || id());
    const [good, poor] = RATINGS[name];
    const navigationType = restored ? 'back-forward-cache' : prerendering || start() ? 'prerender' : wasDiscarded ? 'restore' : entry?.type.replace('_', '-');
    report({ name, value, rating: value > poor ? 'poor' : value > good ? 'needs-improvement' : 'good', navigationType, visit, entries });
  };

  /** @param {string} type @param {(entry: any) => void} take @param {object} [options] */
  const observe = (type, take, options) => {
    guard(() => {
      // Asking for an unknown type does not throw: it prints a warning into the page's console.
      if (!PerformanceObserver.supportedEntryTypes.includes(type)) return;
      const observer = new PerformanceObserver((/** @type {any} */ list) => guard(() => list.getEntries().forEach(take), 0));
      observer.observe({ type, buffered: true, ...options });
      observers.set(observer, take);
    }, 0);
  };

  const tellLargest = () => {
    if (largest) tell('LCP', Math.max(largest.startTime - start(), 0), [largest]);
    closed = true;
  };

  const tellRest = () => {
    for (const [observer, take] of observers) observer.takeRecords().forEach(take);
    tellLargest();
    if (told.FCP !== undefined) tell('CLS', worst, worstShifts);
    // Of many interactions the slowest two in a hundred are forgiven.
    const interaction = slow[Math.min(slow.length - 1, Math.floor((performance.interactionCount - before) / 50) || 0)];
    if (interaction) tell('INP', interaction.duration, interaction.entries);
  };

  observe('paint', (one) => {
    if (one.name === 'first-contentful-paint' && one.startTime < hiddenAt) tell('FCP', Math.max(one.startTime - start(), 0), [one]);
  });
  observe('largest-contentful-paint', (one) => {
    if (!closed && one.startTime < hiddenAt) largest = one;
  });
  observe('layout-shift', (one) => {
    if (one.hadRecentInput) return;
    const last = shifts[shifts.length - 1];
    if (!last || one.startTime - last.startTime >= 1000 || one.startTime - shifts[0].startTime >= 5000) {
      shifts = [];
      sum = 0;
    }
    shifts.push(one);
    sum += one.value;
    if (sum > worst) {
      worst = sum;
      worstShifts = [...shifts];
    }
  });
  /** @param {any} one */
  const interact = (one) => {
    const { interactionId, duration } = one;
    if (!interactionId) return;
    const known = slow.find(({ id }) => id === interactionId);
    if (!known) slow.push({ id: interactionId, duration, entries: [one] });
    else if (duration > known.duration) Object.assign(known, { duration, entries: [one] });
    slow = slow.sort((a, b) => b.duration - a.duration).slice(0, 10);
  };
  observe('event', interact, { durationThreshold: 40 });
  observe('first-input', interact);

  const first = () => {
    if (entry?.responseStart > 0 && !/** @type {any} */ (document).prerendering) tell('TTFB', Math.max(entry.responseStart - start(), 0), [entry]);
  };
  // When the entry is complete.
  const soon = () => setTimeout(first, 0);
  if (document.readyState === 'complete') soon();
  const removers = [
    listen(window, 'load', soon),
    listen(document, 'prerenderingchange', soon),
    ...['keydown', 'click'].map((type) => listen(window, type, ({ isTrusted }) => isTrusted && setTimeout(tellLargest, 0))),
    listen(window, 'visibilitychange', ({ timeStamp }) => {
      if (document.visibilityState !== 'hidden') return;
      hiddenAt = Math.min(hiddenAt, timeStamp);
      tellRest();
    }),
    listen(window, 'pageshow', ({ persisted, timeStamp }) => {
      if (!persisted) return;
      restored = true;
      for (const name of Object.keys(told)) delete told[name];
      shifts = [];
      worstShifts = [];
      slow = [];
      sum = worst = 0;
      before = performance.interactionCount;
      largest = undefined;
      window.requestAnimationFrame(() => window.requestAnimationFrame(() => {
        for (const name of ['FCP', 'LCP']) tell(name, performance.now() - timeStamp, []);
      }));
      tell('TTFB', 0, []);
    }),
  ];
  return () => {
    removers.forEach((remove) => remove());
    for (const observer of observers.keys()) observer.disconnect();
  };
};
