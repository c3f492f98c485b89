import { byteLength } from './bytes.js';
import { ENVELOPE, prefix } from './batch.js';
import { post } from './http.js';

/** @typedef {import('./batch.js').Batch} Batch */

/** keepalive requests and beacons share 64 KiB in flight; headers count as well. */
const BUDGET = 60000;
const TRAVEL_MS = 30000;

/**
 * The last road out of a page. A frame that is sent on a socket in `pagehide` is lost more often than not when the page
 * goes; a keepalive request or a beacon outlives it. https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
 *
 * @param {object} parts
 * @param {import('./environment.js').Environment} parts.env
 * @param {ReturnType<typeof import('./store.js').createStore>} parts.store
 * @param {() => string} parts.url
 * @param {() => Record<string, string>} parts.headers
 * @param {(batch: Batch, post: boolean) => string} parts.encode
 * @param {(batch: Batch, at: number) => Batch[]} parts.split puts two batches into the batch's place
 * @param {(answer: any) => void} parts.onAnswer
 * @param {(id: string) => void} parts.onFailed
 */
export const createExit = ({ env, store, url, headers, encode, split, onAnswer, onFailed }) => {
  let left = BUDGET;

  /** @param {string} body @param {() => void} release @returns {boolean} */
  const beacon = (body, release) => {
    // As text/plain: any other type would need a preflight where the page's origin is opaque.
    if (!env.sendBeacon?.(url(), new Blob([body], { type: 'text/plain' }))) return false;
    // A beacon never tells how it ended: the batch is sent again, same id, should the page live on.
    env.setTimeout(release, TRAVEL_MS);
    return true;
  };

  /** @param {Batch} batch @param {string} body @param {() => void} release @returns {boolean} */
  const keepalive = (batch, body, release) => {
    if (!env.keepalive || !env.fetch) return false;
    const { id } = batch;
    post(env, { url: url(), batch: id, body, headers: headers(), keepalive: true }).then((answer) => {
      release();
      if (answer) onAnswer(answer);
      else onFailed(id);
    });
    return true;
  };

  /** @param {Batch} batch @returns {boolean} */
  const send = (batch) => {
    const body = encode(batch, true);
    const size = byteLength(body);
    if (size > left) return false;
    left -= size;
    let released = false;
    const release = () => {
      if (!released) left += size;
      released = true;
    };
    if (!keepalive(batch, body, release) && !beacon(body, release)) {
      release();
      return false;
    }
    batch.attempts++;
    batch.on = 'exit';
    batch.at = env.monotonic() + TRAVEL_MS;
    store.put(batch);
    return true;
  };

  return {
    /** Sends all that the server has not answered for, urgent batches first, as far as the budget goes. */
    leave: () => {
      const waiting = store.all().filter((batch) => batch.on !== 'exit');
      for (const batch of [...waiting.filter((one) => one.urgent), ...waiting.filter((one) => !one.urgent)]) {
        if (send(batch) || left <= ENVELOPE) continue;
        // A batch that was sent or saved before must keep its id and so its events; a new one may go in part.
        const fitting = prefix(batch.items, Infinity, left - ENVELOPE);
        if (batch.attempts === 0 && !batch.saved && fitting < batch.items.length) send(split(batch, fitting)[0]);
      }
    },
  };
};
