import { wrap } from '../wrap.js';
import { describe } from '../describe.js';
import { TRACEPARENT, requestCollector } from '../requests.js';

/** Every `fetch` of the page. */
export const fetchCalls = /* @__PURE__ */ requestCollector((window, begin) => [
  wrap(window, 'fetch', function (_, args) {
    const [input, init] = args;
    const request = Object(input);
    // A Request that is fetched with options forgets its referrer.
    const options = init ? { ...init } : { referrer: request.referrer, referrerPolicy: request.referrerPolicy };
    const signal = options.signal || request.signal;

    const end = begin(request.url ?? input, options.method || request.method, (traceparent) => {
      // Options that a copy would change (a Request, an object of a class) stay as they are.
      if ((init && init.constructor !== Object) || (options.mode || request.mode) === 'no-cors') return '';
      const headers = new window.Headers(options.headers || request.headers);
      if (!headers.has(TRACEPARENT)) headers.set(TRACEPARENT, traceparent);
      args[1] = { ...options, headers };
      return headers.get(TRACEPARENT);
    });

    // The derived promise is what the page gets. Watching beside it would mark the page's own promise as handled, and
    // its unhandled rejections would vanish.
    return end && ((promise) => promise.then(
      (/** @type {any} */ response) => {
        end(response?.status);
        return response;
      },
      (/** @type {any} */ reason) => {
        const { name, message } = describe(window, reason);
        // Whoever aborts may give any reason; that of `AbortSignal.timeout` is no change of mind.
        end(0, name === 'AbortError' || (signal?.aborted && name !== 'TimeoutError') ? 'abort' : message);
        throw reason;
      },
    ));
  }),
]);
