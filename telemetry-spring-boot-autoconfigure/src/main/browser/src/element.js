import { cut } from './cut.js';

/** What this stands on, and all that lies within, is called by its tag alone. */
export const PRIVATE = '[data-private]';

/**
 * An element as a short selector: never its text, never a value.
 *
 * @param {Element} element
 */
export const select = (element) => {
  const { localName, id, classList } = element;
  if (element.closest(PRIVATE)) return localName;
  return cut(id ? `${localName}#${id}` : [localName, ...classList].join('.'), 100);
};
