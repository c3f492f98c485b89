import { guard } from '../guard.js';
import { describe } from '../describe.js';
import { cleanUrl } from '../url.js';
import { wrap } from '../wrap.js';

/** The browser's own entry about a request appears when its body has been read, after the promise of its head. */
const ENTRY_MS = 300;

/**
 * @param {Window} window
 * @param {string} url
 * @param {number} begun
 */
const isCached = (window, url, begun) => {
  const entries = /** @type {PerformanceResourceTiming[]} */ (window.performance.getEntriesByName(url, 'resource'));
  const entry = entries.find((one) => one.startTime >= begun - 1);
  // A server that does not allow its timings to be read shows zeros throughout.
  return !!entry && entry.transferSize === 0 && entry.decodedBodySize > 0;
};

/**
 * Every `fetch` of the page as a metric; failures and 5xx answers as errors besides.
 *
 * @type {import('./index.js').Collector}
 */
export const fetchCalls = {
  name: 'fetch',
  setting: 'network',
  install: ({ env, record, isOwn, onHide }) => {
    const { window } = env;
    /** @type {Set<() => void>} */
    const open = new Set();

    /** @param {any} input @param {any} init */
    const begin = (input, init) => {
      const url = new URL(typeof input === 'string' || input instanceof URL ? input : input.url, window.document.baseURI).href;
      if (isOwn(url)) return undefined;
      const method = String(init?.method || (typeof input === 'object' && input.method) || 'GET').toUpperCase();
      const begun = window.performance.now();

      /** @param {Record<string, unknown>} outcome */
      const finish = (outcome) => {
        const call = {
          url: cleanUrl(window, url),
          method,
          durationMs: Math.round(window.performance.now() - begun),
          ...outcome,
        };
        const timestamp = env.now();
        const report = () => {
          if (!open.delete(report)) return;
          env.clearTimeout(timer);
          record({ type: 'metric', subtype: 'api-call', timestamp, ...call, cached: isCached(window, url, begun) });
        };
        open.add(report);
        const timer = env.setTimeout(() => guard(report, undefined), ENTRY_MS);
        return call;
      };

      return {
        /** @param {any} response */
        answered: (response) => {
          const { status } = response;
          const call = finish({ status });
          if (status < 500) return;
          record({ type: 'error', subtype: 'network', severity: 'medium', message: `${method} ${call.url} answered ${status}`, ...call });
        },
        /** @param {any} reason */
        failed: (reason) => {
          const { name, message } = describe(reason);
          // The page changed its mind: nothing is broken.
          const aborted = name === 'AbortError' || undefined;
          const call = finish({ status: 0, aborted });
          if (aborted) return;
          record({ type: 'error', subtype: 'network', severity: 'medium', ...call, message: `${method} ${call.url} failed: ${message}` });
        },
      };
    };

    const restore = wrap(window, 'fetch', (original, active) => {
      /** @this {unknown} @param {any[]} args */
      const fetch = function (...args) {
        const watch = active() ? guard(() => begin(args[0], args[1]), undefined) : undefined;
        const promise = original.apply(this, args);
        if (!watch || typeof promise?.then !== 'function') return promise;
        // The derived promise is what the page gets. Watching beside it would mark the page's own promise as handled,
        // and its unhandled rejections would vanish.
        return promise.then(
          (/** @type {any} */ response) => {
            guard(() => watch.answered(response), undefined);
            return response;
          },
          (/** @type {any} */ reason) => {
            guard(() => watch.failed(reason), undefined);
            throw reason;
          },
        );
      };
      return fetch;
    });

    const settle = () => [...open].forEach((report) => report());
    const removeHide = onHide(settle);
    return () => {
      restore();
      removeHide();
      settle();
    };
  },
};
