import { guard } from './guard.js';

const KEY = 'io.telemetry.session';
const SEEN = KEY + '.seen';
const VALID = /^[\w-]{1,64}$/;

/**
 * The session lives as long as the tab, across its pages, unless nothing happens for too long; with storage disabled, as
 * long as the page.
 *
 * @param {import('./environment.js').Environment} env
 */
export const createSession = (env) => {
  /** @param {string} key */
  const read = (key) => guard(() => env.storage()?.getItem(key)) || '';
  let id = read(KEY);
  let seen = +read(SEEN) || env.now();
  if (!VALID.test(id)) id = env.id();
  /** @param {boolean} allowed where not, the device is left as if nobody had been there */
  const keep = (allowed) =>
    guard(() => {
      const storage = env.storage();
      for (const [key, value] of [[KEY, id], [SEEN, `${seen}`]]) {
        if (allowed) storage?.setItem(key, value);
        else storage?.removeItem(key);
      }
    });
  return {
    id: () => id,
    /** Where the session lies between 0 and 1, the same on each of its pages. */
    share: () => [...id].reduce((hash, c) => (Math.imul(hash, 31) + c.charCodeAt(0)) >>> 0, 7) / 2 ** 32,
    /** The server has the last word. @param {string | undefined} given */
    adopt: (given) => {
      if (!given || !VALID.test(given)) return;
      id = given;
      keep(true);
    },
    /** Something happens. @param {number} idleMs @returns {boolean} whether it would begin a new session */
    isOver: (idleMs) => {
      const idle = env.now() - seen;
      seen = env.now();
      // Never so often that connecting would be all it does.
      return idle > Math.max(idleMs, 1000);
    },
    renew: () => {
      id = env.id();
    },
    keep,
  };
};
