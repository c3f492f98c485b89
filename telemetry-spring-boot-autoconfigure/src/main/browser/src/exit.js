import { byteLength } from './bytes.js';
import { ENVELOPE, urgentFirst } from './batch.js';
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

  /** @param {Batch} batch @returns {boolean} */
  const send = (batch) => {
    const { id } = batch;
    const body = encode(batch, true);
    const size = byteLength(body);
    if (size > left) return false;
    const release = () => void (left += size);
    if (env.keepalive && env.fetch) {
      post(env, { url: url(), batch: id, body, headers: headers(), keepalive: true }).then((answer) => {
        release();
        if (answer) onAnswer(answer);
        else onFailed(id);
      });
      // As text/plain: any other type would need a preflight where the page's origin is opaque.
    } else if (env.sendBeacon?.(url(), new Blob([body], { type: 'text/plain' }))) {
      // A beacon never tells how it ended: the batch is sent again, same id, should the page live on.
      env.setTimeout(release, TRAVEL_MS);
    } else {
      return false;
    }
    left -= size;
    batch.attempts++;
    batch.on = 'exit';
    batch.at = env.monotonic() + TRAVEL_MS;
    return true;
  };

  return {
    /** Sends all that the server has not answered for, urgent batches first, as far as the budget goes. */
    leave: () => {
      for (const batch of store.all().sort(urgentFirst)) {
        // A batch that was sent or saved before must keep its id and so its events; a new one may go in part.
        if (batch.on === 'exit' || send(batch) || batch.attempts > 0 || batch.saved) continue;
        let size = ENVELOPE;
        const fitting = batch.items.findIndex(({ bytes }) => (size += bytes) > left);
        if (fitting > 0) send(split(batch, fitting)[0]);
      }
    },
  };
};
