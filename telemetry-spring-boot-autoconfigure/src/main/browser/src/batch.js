import { byteLength } from './bytes.js';
import { toJson } from './json.js';

/**
 * One event, ready for the wire: made into text when it happened, so that later changes of the page's objects don't
 * show, and so that its size is known.
 *
 * @typedef {{ json: string, bytes: number, importance: number, urgent: boolean }} Item
 */

/**
 * @typedef {object} Batch
 * @property {string} id
 * @property {number} made epoch milliseconds
 * @property {import('./store.js').Key} [saved] where it lies on disk
 * @property {string} [release]
 * @property {string} [environment]
 * @property {number} seq
 * @property {boolean} urgent
 * @property {Item[]} items
 * @property {Record<string, number>} dropped
 * @property {string} page
 * @property {string | undefined} user
 * @property {string} session '' until the first attempt fixes it: the server knows a batch by session and id
 * @property {number} attempts
 * @property {number} refusals
 * @property {'' | 'socket' | 'http' | 'exit'} on the road it travels on, '' while it waits
 * @property {number} at monotonic: while it waits, not before; while it travels, given up on that road
 */

/** Room in a batch for everything but its events. */
export const ENVELOPE = 2000;

/** @param {Record<string, any>} event @param {number} importance @param {boolean} urgent @returns {Item} */
export const toItem = (event, importance, urgent) => {
  const json = toJson(event);
  return { json, bytes: byteLength(json) + 1, importance, urgent };
};

/**
 * @param {Batch} batch
 * @param {number} sentAt epoch milliseconds
 * @param {string} [ticket]
 */
export const encodeBatch = (batch, sentAt, ticket) => {
  const { id, seq, page, user, session, dropped, items, release, environment } = batch;
  const head = toJson({
    batch: id,
    seq,
    sentAt,
    ticket,
    session: { id: session, page, release, environment },
    user: user === undefined ? undefined : { id: user },
    dropped: Object.keys(dropped).length > 0 ? dropped : undefined,
  });
  return `${head.slice(0, -1)},"events":[${items.map((item) => item.json).join(',')}]}`;
};

/** @param {Item[]} items */
export const sizeOf = (items) => items.reduce((sum, item) => sum + item.bytes, 0);

/** The order to send in. @param {Batch} a @param {Batch} b */
export const urgentFirst = (a, b) => +b.urgent - +a.urgent;
