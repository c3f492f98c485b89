import { guard } from './guard.js';

/**
 * @param {EventTarget} target
 * @param {string} type
 * @param {(event: any) => void} listener
 * @returns {() => void} removes it
 */
export const listen = (target, type, listener) => {
  // Never throws into the page: a listener of ours that failed would show up as the page's own uncaught error.
  /** @param {Event} event */
  const guarded = (event) => guard(() => listener(event));
  const options = { capture: true };
  target.addEventListener(type, guarded, options);
  return () => target.removeEventListener(type, guarded, options);
};

/**
 * Entries of the browser, also those from before, where it knows the type: asking for an unknown one does not throw, it
 * prints a warning into the page's console.
 *
 * @param {any} window
 * @param {string} type
 * @param {(entry: any) => void} take
 * @param {object} [options]
 * @returns {PerformanceObserver | undefined}
 */
export const observe = ({ PerformanceObserver }, type, take, options) => guard(() => {
  if (!PerformanceObserver.supportedEntryTypes.includes(type)) return undefined;
  const observer = new PerformanceObserver((/** @type {any} */ list) => guard(() => list.getEntries().forEach(take)));
  observer.observe({ type, buffered: true, ...options });
  return observer;
});

/** @param {(() => void)[]} removers @returns {() => void} calls them all */
export const together = (...removers) => () => removers.forEach((remove) => remove());
