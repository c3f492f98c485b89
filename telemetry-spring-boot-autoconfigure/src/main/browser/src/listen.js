/**
 * @param {EventTarget} target
 * @param {string} type
 * @param {(event: any) => void} listener
 * @returns {() => void} removes it
 */
export const listen = (target, type, listener) => {
  // Never throws into the page: a listener of ours that failed would show up as the page's own uncaught error.
  /** @param {Event} event */
  const guarded = (event) => {
    try {
      listener(event);
    } catch {
      // contained
    }
  };
  const options = { capture: true };
  target.addEventListener(type, guarded, options);
  return () => target.removeEventListener(type, guarded, options);
};
