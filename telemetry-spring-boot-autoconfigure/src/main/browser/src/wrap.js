import { guard } from './guard.js';

/**
 * Replaces a function of the page and gives back what undoes it. Where another tool has wrapped ours meanwhile, it
 * can't be taken out without breaking theirs: it stays in the chain and does nothing but call on.
 *
 * @param {any} target
 * @param {string} name
 * @param {(original: Function, active: () => boolean) => Function} make
 * @returns {() => void}
 */
export const wrap = (target, name, make) => {
  const original = target[name];
  if (typeof original !== 'function') return () => {};
  let active = true;
  const own = Object.getOwnPropertyDescriptor(target, name);
  const wrapper = make(original, () => active);
  try {
    Object.defineProperty(target, name, { configurable: true, enumerable: true, writable: true, ...own, value: wrapper });
  } catch {
    return () => {};   // frozen, or an accessor: the page wants it so
  }
  return () => {
    active = false;
    if (target[name] !== wrapper) return;
    if (own) Object.defineProperty(target, name, own);
    else delete target[name];
  };
};

/**
 * Looks on while the page's calls go their way, with their own arguments, results and exceptions.
 *
 * @param {any} target
 * @param {string} name
 * @param {(self: any, args: any[]) => ((result: any) => any) | void} before what it gives back comes after the call, and
 *   may give the page another result
 */
export const around = (target, name, before) =>
  wrap(target, name, (original, active) =>
    /** @this {unknown} @param {any[]} args */
    function (...args) {
      const after = active() ? guard(() => before(this, args), undefined) : undefined;
      /** @type {any} */
      let result;
      try {
        result = original.apply(this, args);
      } finally {
        result = (after && guard(() => after(result), undefined)) || result;
      }
      return result;
    });
