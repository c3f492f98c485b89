import { guard } from './guard.js';

/**
 * Looks on while a function of the page is called, with its own arguments, result and exception. What is given back
 * undoes it; where another tool has wrapped ours meanwhile, it can't be taken out without breaking theirs: it stays in
 * the chain and does nothing but call on.
 *
 * @param {any} target
 * @param {string} name
 * @param {(self: any, args: any[]) => ((result: any) => any) | void} before what it gives back comes after the call, and
 *   may give the page another result
 * @returns {() => void}
 */
export const wrap = function (target, name, before) {
  const original = target[name];
  let active = true;
  const own = Object.getOwnPropertyDescriptor(target, name);
  /** @this {unknown} @param {any[]} args */
  const wrapper = function (...args) {
    const after = active ? guard(() => before(this, args)) : undefined;
    /** @type {any} */
    let result;
    try {
      result = original.apply(this, args);
    } finally {
      result = (after && guard(() => after(result))) || result;
    }
    return result;
  };
  // Throws where it is frozen, or an accessor: the page wants it so.
  if (typeof original === 'function') {
    guard(() => Object.defineProperty(target, name, { configurable: true, writable: true, ...own, value: wrapper }));
  }
  return () => {
    active = false;
    if (target[name] !== wrapper) return;
    if (own) Object.defineProperty(target, name, own);
    else delete target[name];
  };
};
