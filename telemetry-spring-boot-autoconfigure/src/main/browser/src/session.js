import { guard } from './guard.js';
import { toJson } from './json.js';

const KEY = 'io.telemetry.session';

/** @param {string} id */
const isValid = (id) => /^[\w-]{1,64}$/.test(id);

/**
 * The session lives as long as the tab, across its pages, unless nothing happens for too long; with storage disabled, as
 * long as the page.
 *
 * @param {import('./environment.js').Environment} env
 */
export const createSession = function (env) {
  let id = '';
  let share = 0;
  let seen = 0;

  /** @param {string} given */
  const become = (given) => {
    id = given;
    share = [...id].reduce((hash, c) => (hash * 31 + c.charCodeAt(0)) % 1e9, 7) / 1e9;
  };

  /** Reads at first need: a page waits for the storage when it looks at it. */
  const known = () => {
    if (!id) {
      const [kept, at] = (guard(() => env.storage()[KEY]) || '').split(' ');
      seen = +at || env.now();
      become(isValid(kept) ? kept : env.id());
    }
    return id;
  };

  /** @param {boolean} allowed where not, the device is left as if nobody had been there */
  const keep = (allowed) =>
    guard(() => {
      if (!allowed) delete env.storage()[KEY];
      else if (id) env.storage()[KEY] = `${id} ${toJson(seen)}`;
    });

  return {
    id: known,
    /** Whether it is among this share of all sessions, the same on each of its pages. @param {number} rate */
    isWithin: (rate) => rate >= 1 || (known() && share < rate),
    /** The server has the last word. @param {string | undefined} given */
    adopt(given) {
      if (!given || !isValid(given)) return;
      become(given);
      keep(true);
    },
    /** Something happens. @param {number} idleMs @returns {boolean} whether it would begin a new session */
    isOver(idleMs) {
      known();
      const idle = env.now() - seen;
      seen = env.now();
      // Never so often that connecting would be all it does.
      return idle > Math.max(idleMs, 1000);
    },
    renew: () => become(env.id()),
    keep,
  };
};
