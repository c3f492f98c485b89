import { cut } from './cut.js';
import { standardMask } from './mask.js';

/** @param {Window} window */
const base = (window) => (window.location.origin === 'null' ? window.document.baseURI : window.location.origin);

/**
 * Relative to the page's origin, not to a `<base>` element; only a document without an origin of its own (`about:srcdoc`)
 * has to take the base that it inherits.
 *
 * @param {Window} window
 * @param {string} path
 */
export const absolute = (window, path) => new URL(path, base(window)).href.replace(/\/+$/, '');

/** What the server lets addresses keep; one client for a page, so one for all who clean. */
let kept = /** @type {any} */ (undefined);

/** @param {any} rules of the server: `query`, names of parameters, and `fragment` */
export const keepOfUrls = (rules) => {
  kept = rules;
};

/**
 * An address without user info, and without query and fragment but for what the server lets it keep: that is where
 * tokens and search words travel.
 *
 * @param {Window} window
 * @param {unknown} url
 */
export const cleanUrl = (window, url) => {
  const parsed = new URL(String(url), window.document.baseURI);
  const { protocol, origin, pathname } = parsed;
  for (const name of new Set(parsed.search && parsed.searchParams.keys())) if (![kept?.query].flat().includes(name)) parsed.searchParams.delete(name);
  return cut((origin === 'null' ? protocol : origin) + standardMask().text(pathname + parsed.search + (kept?.fragment === true ? parsed.hash : '')), 500);
};
