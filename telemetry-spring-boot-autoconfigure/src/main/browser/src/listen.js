import { guard } from './guard.js';

/**
 * @param {EventTarget} target
 * @param {string} types one or several, with spaces between
 * @param {(event: any) => void} listener
 * @returns {() => void} removes it
 */
export const listen = (target, types, listener) => {
  // Never throws into the page: a listener of ours that failed would show up as the page's own uncaught error.
  /** @param {Event} event */
  const guarded = (event) => guard(() => listener(event));
  /** @param {'addEventListener' | 'removeEventListener'} change */
  const each = (change) => types.split(' ').forEach((type) => target[change](type, guarded, { capture: true }));
  each('addEventListener');
  return () => each('removeEventListener');
};

/**
 * Entries of the browser, by default also those from before, of the types that it knows: asking for an unknown one does
 * not throw, it prints a warning into the page's console. What it still has in hand when the page hides is taken then.
 *
 * @param {any} window
 * @param {(work: () => void) => () => void} onHide
 * @param {string[]} types the better ones first
 * @param {(entry: any) => void} take
 * @param {object} [options]
 * @param {number} [most] of the types
 * @returns {() => void} ends it
 */
export const observe = ({ PerformanceObserver }, onHide, types, take, options, most) => {
  const observer = new PerformanceObserver((/** @type {any} */ list) => guard(() => list.getEntries().forEach(take)));
  types.filter((type) => PerformanceObserver.supportedEntryTypes.includes(type)).slice(0, most)
    .forEach((type) => observer.observe({ type, buffered: true, ...options }));
  return together(onHide(() => observer.takeRecords().forEach(take)), () => observer.disconnect());
};

/** @param {(() => void)[]} removers @returns {() => void} calls them all */
export const together = (...removers) => () => removers.forEach((remove) => remove());
