import { cleanUrl } from './url.js';
import { guard } from './guard.js';
import { together } from './listen.js';

export const TRACEPARENT = 'traceparent';

/** The browser's own entry about a request appears when its body has been read, after the promise of its head. */
const ENTRY_MS = 300;

/**
 * Begins to watch a request of the page. `carry` gives it the header of a new trace, or leaves it the one that it has,
 * and tells which it is. What comes back ends it (the failure `abort` is none); there is nothing for the client's own
 * requests.
 *
 * @typedef {(url: unknown, method: unknown, carry: (traceparent: string) => string | null) =>
 *   undefined | ((status: number, failure?: string) => void)} Begin
 */

/**
 * The one way from a request to its events: a metric for each, and an error besides where it failed or was answered
 * with 5xx.
 *
 * @param {(window: Window & typeof globalThis, begin: Begin) => (() => void)[]} attach gives back what undoes it
 * @returns {import('./collectors/index.js').Collector}
 */
export const requestCollector = (attach) => ({
  setting: 'network',
  early: true,
  install({ env, record, note, isOwn, onHide, traceOrigins, draw }) {
    const { window } = env;
    /** @type {Set<() => void>} */
    const open = new Set();

    /** @type {Begin} */
    const begin = function (address, verb, carry) {
      const { href, origin } = new URL(/** @type {string} */ (address), window.document.baseURI);
      if (isOwn(href)) return undefined;
      const method = String(verb || 'GET').toUpperCase();
      // Now, since the server is told: whom it follows, it records the traces of which there is the browser's half.
      const sampleRate = draw({}, 'api-call');
      // A new trace for each request. Only the page's own origin and those that are named are told: elsewhere the header
      // would be nobody's business, and would make browsers ask first (CORS preflight). `window.origin`, not the
      // location's: to a sandboxed frame every origin is foreign. https://www.w3.org/TR/trace-context/
      const told = origin === window.origin || traceOrigins().includes(origin);
      const carried = told && guard(() => carry(`00-${env.id()}-${env.id().slice(16)}-0${sampleRate === 0 ? 0 : 1}`));
      const [, traceId, spanId] = (carried || '').split('-');
      const begun = env.monotonic();

      return (status, failure) => guard(() => {
        // Whoever aborts has changed his mind: nothing is broken.
        const aborted = failure === 'abort' || undefined;
        const url = cleanUrl(window, href);
        const call = { type: 'metric', subtype: 'api-call', timestamp: env.now(), url, method, status, durationMs: Math.round(env.monotonic() - begun), aborted, traceId, spanId };
        const report = () => {
          open.delete(report);
          env.clearTimeout(timer);
          const entries = /** @type {any[]} */ (window.performance.getEntriesByName(href, 'resource'));
          const entry = entries.find((one) => one.startTime >= begun - 1);
          // A server that does not allow its timings to be read shows zeros throughout.
          record({ ...call, sampleRate, cached: entry?.transferSize === 0 && entry.decodedBodySize > 0, bytes: entry?.encodedBodySize || undefined });
        };
        open.add(report);
        const timer = env.setTimeout(() => guard(report), ENTRY_MS);
        const message = `${method} ${url} ` + (failure ? `failed: ${failure}` : `answered ${status}`);
        if (!aborted && (failure || status >= 500)) record({ ...call, type: 'error', subtype: 'network', message });
        // At once: an error that the answer leads to does not wait for the browser's entry.
        else note({ ...call, message });
      });
    };

    const settle = () => open.forEach((report) => report());
    return together(...attach(window, begin), onHide(settle), settle);
  },
});
