/**
 * The wall between the client and the page: whatever goes wrong on our side ends here.
 *
 * @template T
 * @template [F=undefined]
 * @param {() => T} work
 * @param {F} [otherwise]
 * @returns {T | F}
 */
export const guard = (work, otherwise) => {
  try {
    return work();
  } catch {
    return /** @type {F} */ (otherwise);
  }
};
