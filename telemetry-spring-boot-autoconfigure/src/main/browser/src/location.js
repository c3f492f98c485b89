import { cleanUrl } from './url.js';

/**
 * The place of the topmost frame. Chromium writes `at f (url:line:column)`, Firefox and Safari `f@url:line:column`.
 *
 * @param {Window} window
 * @param {string | undefined} stack
 */
export const locate = (window, stack) => {
  const match = /((?:https?|file|blob|webpack[-\w]*):[^\s()]*?):(\d+):(\d+)/.exec(stack || '');
  return match ? { url: cleanUrl(window, match[1]), line: +match[2], column: +match[3] } : undefined;
};
