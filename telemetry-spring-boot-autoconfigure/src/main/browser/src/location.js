import { cleanUrl } from './url.js';

/**
 * An address as the browser names it in its reports: cleaned, while a bare word (`inline`, `data`, the scheme of an
 * extension) is none.
 *
 * @param {Window} window
 * @param {string} address
 */
export const cleaned = (window, address) => (address.includes(':') ? cleanUrl(window, address) : address);

/**
 * @param {Window} window
 * @param {string | null} [file] where there is none, the page
 * @param {number} [line]
 * @param {number} [column]
 */
export const place = (window, file, line, column) => ({ url: cleaned(window, file || window.location.href), line, column });

/**
 * The place of the topmost frame. Chromium writes `at f (url:line:column)`, Firefox and Safari `f@url:line:column`.
 *
 * @param {Window} window
 * @param {string | undefined} stack
 */
export const locate = (window, stack) => {
  const [, file, line, column] = /([-\w:]+:\/\/[^\s()]*?):(\d+):(\d+)/.exec(stack || '') || [];
  return file ? place(window, file, +line, +column) : undefined;
};
