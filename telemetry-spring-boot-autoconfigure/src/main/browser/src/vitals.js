import { listen, observe, together } from './listen.js';

/** Good up to the first, poor above the second. https://web.dev/articles/vitals @type {Record<string, [number, number]>} */
const RATINGS = { TTFB: [800, 1800], FCP: [1800, 3000], LCP: [2500, 4000], CLS: [0.1, 0.25], INP: [200, 500] };

/** @param {any[]} shifts */
const total = (shifts) => shifts.reduce((sum, { value }) => sum + value, 0);

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
  const { performance } = window;
  /** @type {any} */
  const { prerendering, wasDiscarded, visibilityState } = document;
  const [entry] = performance.getEntriesByType('navigation');
  /** When a page that was prepared was asked for: what came before has cost nobody time. */
  const start = () => entry?.activationStart || 0;
  let restored = false;
  /** Painted later than this, nobody saw it. */
  let hiddenAt = prerendering ? Infinity : visibilityState === 'hidden' ? 0 : performance.getEntriesByType('visibility-state')
    .find((/** @type {any} */ one) => one.name === 'hidden' && one.startTime >= start())?.startTime ?? Infinity;
  /** @type {any} */
  let largest;
  /** The visitor has begun to use the page, or left it: what is painted now is not what he waited for. */
  let closed = false;
  /** Shifts that follow each other closely. @type {any[]} */
  let shifts = [];
  /** @type {any[]} */
  let worstShifts = [];
  /** The longest event of each interaction, the longest first. @type {any[]} */
  let slow = [];
  let before = 0;

  /** @param {string} name @param {number} value @param {any[]} entries */
  const tell = (name, value, ...entries) => {
    if (told[name] === value) return;
    told[name] = value;
    // One for each time that the page is come to.
    const visit = (told.visit = told.visit || id());
    const [good, poor] = RATINGS[name];
    const navigationType = restored ? 'back-forward-cache' : prerendering || start() ? 'prerender' : wasDiscarded ? 'restore' : entry?.type.replace('_', '-');
    report({ name, value, rating: value > poor ? 'poor' : value > good ? 'needs-improvement' : 'good', navigationType, visit, entries });
  };

  /** @param {string} name @param {number} time @param {any} cause */
  const tellTime = (name, time, cause) => tell(name, Math.max(time - start(), 0), cause);

  const tellLargest = () => {
    if (largest) tellTime('LCP', largest.startTime, largest);
    closed = true;
  };

  const tellRest = () => {
    for (const [observer, take] of observers) observer?.takeRecords().forEach(take);
    tellLargest();
    if (told.FCP !== undefined) tell('CLS', total(worstShifts), ...worstShifts);
    // Of many interactions the slowest two in a hundred are forgiven.
    const interaction = slow.slice(0, 1 + (performance.interactionCount - before) / 50 || 1).pop();
    if (interaction) tell('INP', interaction.duration, interaction);
  };

  /** @param {any} one */
  const interact = (one) => {
    if (!one.interactionId) return;
    slow = [...slow, one]
      .sort((a, b) => b.duration - a.duration)
      .filter(({ interactionId }, i, all) => all.findIndex((other) => other.interactionId === interactionId) === i)
      .slice(0, 10);
  };

  /** @type {[PerformanceObserver | undefined, (entry: any) => void][]} */
  const observers = /** @type {[string, (entry: any) => void, object?][]} */ ([
    ['paint', (one) => {
      if (one.name === 'first-contentful-paint' && one.startTime < hiddenAt) tellTime('FCP', one.startTime, one);
    }],
    ['largest-contentful-paint', (one) => {
      if (!closed && one.startTime < hiddenAt) largest = one;
    }],
    ['layout-shift', (one) => {
      if (one.hadRecentInput) return;
      const last = shifts[shifts.length - 1];
      const follows = last && one.startTime - last.startTime < 1000 && one.startTime - shifts[0].startTime < 5000;
      shifts = [...(follows ? shifts : []), one];
      if (total(shifts) > total(worstShifts)) worstShifts = shifts;
    }],
    ['event', interact, { durationThreshold: 40 }],
    ['first-input', interact],
  ]).map(([type, take, options]) => [observe(window, type, take, options), take]);

  const first = () => {
    if (entry?.responseStart > 0 && !/** @type {any} */ (document).prerendering) tellTime('TTFB', entry.responseStart, entry);
  };
  // When the entry is complete.
  const soon = () => setTimeout(first, 0);
  if (document.readyState === 'complete') soon();
  return together(
    () => observers.forEach(([observer]) => observer?.disconnect()),
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
      before = performance.interactionCount;
      largest = undefined;
      window.requestAnimationFrame(() => window.requestAnimationFrame(() => {
        for (const name of ['FCP', 'LCP']) tell(name, performance.now() - timeStamp);
      }));
      tell('TTFB', 0);
    }),
  );
};
