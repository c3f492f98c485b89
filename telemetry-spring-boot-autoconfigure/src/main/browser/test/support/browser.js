import { listen } from '../../src/listen.js';
import { settle } from './page.js';

const PAGE = 'https://shop.example/cart';
const TYPES = ['paint', 'largest-contentful-paint', 'layout-shift', 'event', 'first-input', 'navigation', 'visibility-state'];

class Happening extends Event {
  constructor(type, timeStamp, more = {}) {
    super(type);
    Object.defineProperty(this, 'timeStamp', { value: timeStamp });
    Object.defineProperty(this, 'isTrusted', { value: true });
    Object.assign(this, more);
  }
}

/**
 * A page whose browser tells what we say it saw: to us, and to the library, which takes everything from globals.
 */
export const createBrowser = ({ navigation = {}, visibility = 'visible', readyState = 'loading', discarded = false } = {}) => {
  let now = 130;
  let timers = [];
  let visits = 0;
  const observers = new Set();
  const entries = [{ entryType: 'navigation', type: 'navigate', startTime: 0, responseStart: 120, activationStart: 0, ...navigation }];
  const window = new EventTarget();
  const document = new EventTarget();
  Object.assign(document, { baseURI: PAGE, visibilityState: visibility, prerendering: false, readyState, wasDiscarded: discarded });
  class PerformanceObserver {
    static supportedEntryTypes = TYPES;

    constructor(callback) {
      this.callback = callback;
      this.types = new Set();
      this.queue = [];
    }

    observe({ type, durationThreshold }) {
      this.types.add(type);
      if (type === 'event') this.threshold = durationThreshold ?? 104;
      observers.add(this);
      this.queue.push(...entries.filter((entry) => this.wants(entry)));
    }

    wants(entry) {
      return this.types.has(entry.entryType) && (entry.entryType !== 'event' || entry.duration >= this.threshold);
    }

    disconnect() {
      observers.delete(this);
      this.queue = [];
    }

    takeRecords() {
      return this.queue.splice(0);
    }
  }
  class PerformanceEventTiming {}
  Object.defineProperty(PerformanceEventTiming.prototype, 'interactionId', { value: 0 });
  const performance = {
    now: () => now,
    interactionCount: 0,
    getEntriesByType: (type) => entries.filter((entry) => entry.entryType === type),
  };
  const setTimeout = (work) => void timers.push(work);
  Object.assign(window, {
    location: new URL(PAGE), document, performance, PerformanceObserver, PerformanceEventTiming, setTimeout,
    requestAnimationFrame: setTimeout, requestIdleCallback: setTimeout, cancelIdleCallback: () => {},
  });

  /** Lets pass what waits for its turn. */
  const turn = async () => {
    for (let i = 0; i < 4; i++) {
      for (const observer of [...observers]) {
        const queue = observer.takeRecords();
        if (queue.length > 0) observer.callback({ getEntries: () => queue });
      }
      await settle();
      const due = timers;
      timers = [];
      due.forEach((work) => work());
      await settle();
    }
  };

  const dispatch = (event) => {
    // As a page does: what is dispatched at the document goes by the window first.
    window.dispatchEvent(event);
    if (event.type.endsWith('change')) document.dispatchEvent(new Happening(event.type, event.timeStamp));
  };

  return {
    window, document,
    env: { window, document, setTimeout, id: () => `visit-${++visits}`, told: {} },
    turn,
    at: (time) => (now = Math.max(now, time)),
    see: (entry) => {
      entries.push(entry);
      if (entry.interactionId && !entries.some((one) => one !== entry && one.interactionId === entry.interactionId)) performance.interactionCount++;
      for (const observer of observers) if (observer.wants(entry)) observer.queue.push(entry);
    },
    load: () => {
      document.readyState = 'complete';
      dispatch(new Happening('load', now));
    },
    activate: () => dispatch(new Happening('prerenderingchange', now)),
    act: (type) => dispatch(new Happening(type, now)),
    hide: () => {
      document.visibilityState = 'hidden';
      dispatch(new Happening('visibilitychange', now));
    },
    show: () => {
      document.visibilityState = 'visible';
      dispatch(new Happening('visibilitychange', now));
    },
    /** As the client does when the page hides. */
    onHide: (work) => listen(document, 'visibilitychange', () => document.visibilityState === 'hidden' && work()),
    restore: () => dispatch(new Happening('pageshow', now, { persisted: true })),
  };
};
