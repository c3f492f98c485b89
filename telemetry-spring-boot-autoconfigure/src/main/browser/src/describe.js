import { LIMITS, snapshot } from './snapshot.js';
import { cut } from './cut.js';
import { locate } from './location.js';
import { toJson } from './json.js';

/**
 * The fields of an error event for whatever was thrown, rejected or handed in.
 *
 * @param {Window} window
 * @param {unknown} thrown
 * @returns {{ name?: string, message: string, stack?: string, cause?: unknown, location?: object, thrown?: unknown }}
 */
export const describe = (window, thrown) => {
  const copy = snapshot(thrown);
  if (!copy || typeof copy !== 'object') return { message: cut(copy, LIMITS.message) };
  const { name, message, stack, cause } = copy;
  if (typeof message === 'string' && typeof (stack ?? name) === 'string') {
    return { name, message: message || name, stack, cause, location: locate(window, stack) };
  }
  return { message: typeof message === 'string' ? message : cut(toJson(copy), LIMITS.message), thrown: copy };
};
