export const TRACEPARENT = 'traceparent';

/**
 * A trace that begins in the browser, a new one for each request. https://www.w3.org/TR/trace-context/
 *
 * Only the page's own origin and those that are named are told: elsewhere the header would be nobody's business, and
 * would make browsers ask first (CORS preflight).
 *
 * @param {import('./environment.js').Environment} env
 * @param {() => string[]} origins beside the page's own
 * @param {string} origin of the request
 * @param {number | undefined} sampled 0 where the browser's half is not sent
 */
export const traceFor = (env, origins, origin, sampled) =>
  // `window.origin`, not the location's: to a sandboxed frame every origin is foreign.
  (origin === env.window.origin || origins().includes(origin)) && `00-${env.id()}-${env.id().slice(16)}-0${sampled === 0 ? 0 : 1}`;
