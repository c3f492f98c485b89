import { LIMITS, snapshot } from './snapshot.js';
import { cut } from './cut.js';
import { locate } from './location.js';
import { toJson } from './json.js';

/** @param {any} value already copied @returns {string} */
export const print = (value) => (typeof value === 'object' ? toJson(value) : String(value));

/**
 * The fields of an error event for whatever was thrown, rejected or handed in.
 *
 * @param {Window} window
 * @param {unknown} thrown
 * @returns {{ name?: string, message: string, stack?: string, cause?: unknown, location?: object, thrown?: unknown }}
 */
export const describe = (window, thrown) => {
  const copy = snapshot(thrown);
  const { name, message, stack, cause } = Object(copy);
  if (typeof message === 'string' && typeof (stack ?? name) === 'string') {
    return { name, message: message || name, stack, cause, location: locate(window, stack) };
  }
  return { message: typeof message === 'string' ? message : cut(print(copy), LIMITS.message), thrown: Object(copy) === copy ? copy : undefined };
};
