import { cut } from './cut.js';
import { guard } from './guard.js';
import { standardMask } from './mask.js';

/**
 * What one event may hold. The server refuses depth over 8, strings over 8,192 characters and objects over 64 keys;
 * these stay below, also after the server has added its own fields.
 */
export const LIMITS = { depth: 6, keys: 40, items: 50, string: 2000, message: 500, nodes: 500, characters: 8000 };

/** What begins within a limit is recognised when this much of it lies beyond. */
const MARGIN = 100;

/**
 * A plain copy of any value that JSON can carry: cut, masked, without cycles, made by reading every property at most once.
 * Foreign code that runs meanwhile (getters, `toJSON`, proxies) may throw; its place then says so.
 *
 * Copies have no prototype: with frozen prototypes, setting `toString` on an ordinary object throws.
 *
 * @param {unknown} root
 * @param {number} [characters] in all
 * @param {import('./mask.js').Mask} [mask]
 * @returns {any}
 */
export const snapshot = function (root, characters = LIMITS.characters, mask = standardMask()) {
  let nodes = LIMITS.nodes;
  /** @type {object[]} */
  const ancestors = [];

  /** @param {unknown} text @param {number} limit */
  const text = (text, limit) => {
    // Masked before it is cut to size, or half a card number would be left; a megabyte is not searched for it, though.
    const short = cut(mask.text(cut(text, limit + MARGIN)), Math.min(limit, Math.max(characters, 1)));
    characters -= short.length;
    return short;
  };

  /** @param {() => unknown} read @param {number} limit */
  const attempt = (read, limit) => guard(() => copy(read(), limit), '[threw]');

  /** @param {any} value @param {number} limit @returns {unknown} */
  const copy = (value, limit) => {
    nodes--;
    if (typeof value === 'function') return '[function]';
    if (typeof value === 'object') return value && branch(value, limit);
    // A card number needs no quotes; below it are all times until 2033.
    const isPlain = typeof value === 'boolean' || value === undefined || (Number.isFinite(value) && (value < 2e12 || mask.text(`${value}`) === `${value}`));
    return isPlain ? value : text(value, limit);
  };

  /** @param {any} value @param {number} limit @returns {unknown} */
  const branch = function (value, limit) {
    if (ancestors.includes(value)) return '[circular]';
    if (ancestors.length >= LIMITS.depth) return Array.isArray(value) ? '[array]' : '[object]';
    ancestors.push(value);
    try {
      if (Array.isArray(value)) return list(value);
      // The interesting properties of an error, which may be another frame's, are not enumerable.
      if (value instanceof Error || 'stack' in value) {
        return record(value, [...new Set(['name', 'message', 'stack', 'cause', ...Object.keys(value)])]);
      }
      if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
      if (value instanceof Map) return copy(Object.fromEntries(value), limit);
      if (value instanceof Set) return list([...value]);
      const toJson = value.toJSON;
      // What a library has put on every object says nothing of this one.
      if (typeof toJson === 'function' && toJson !== /** @type {any} */ (Object.prototype).toJSON) return copy(toJson.call(value), limit);
      if (typeof Node === 'function' && value instanceof Node) return `[${value.nodeName.toLowerCase()}]`;
      return record(value, Object.keys(value), toJson);
    } finally {
      ancestors.pop();
    }
  };

  /** @param {unknown[]} values */
  const list = (values) => {
    const copied = [];
    const count = Math.min(values.length, LIMITS.items);
    for (let i = 0; i < count && nodes > 0; i++) copied.push(attempt(() => values[i], LIMITS.string));
    if (copied.length < values.length) copied.push(`[${values.length - copied.length} more]`);
    return copied;
  };

  /** @param {any} value @param {string[]} keys @param {unknown} [toJson] already read */
  const record = (value, keys, toJson) => {
    const copied = Object.create(null);
    let count = 0;
    for (const key of keys) {
      if (mask.hides(key)) continue;
      if (++count > LIMITS.keys || nodes <= 0) {
        copied['…'] = `[${keys.length - count + 1} more]`;
        break;
      }
      const part = attempt(() => (key === 'toJSON' ? toJson : value[key]), key === 'message' ? LIMITS.message : LIMITS.string);
      if (part !== undefined) copied[text(key, 100)] = part;
    }
    return copied;
  };

  return attempt(() => root, LIMITS.string);
};
