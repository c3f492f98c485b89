import { cut } from './cut.js';

/** @param {Window} window */
const base = (window) => (window.location.protocol.startsWith('http') ? window.location.origin : window.document.baseURI);

/**
 * Relative to the page's origin, not to a `<base>` element; only a document without an origin of its own (`about:srcdoc`)
 * has to take the base that it inherits.
 *
 * @param {Window} window
 * @param {string} path
 */
export const absolute = (window, path) => new URL(path, base(window)).href.replace(/\/+$/, '');

/**
 * An address without user info, query and fragment: that is where tokens and search words travel.
 *
 * @param {Window} window
 * @param {unknown} url
 */
export const cleanUrl = (window, url) => {
  const parsed = new URL(String(url), window.document.baseURI);
  const opaque = parsed.origin === 'null';
  return cut(opaque ? parsed.protocol + parsed.pathname : parsed.origin + parsed.pathname, 500);
};
