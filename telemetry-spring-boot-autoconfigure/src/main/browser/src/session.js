import { guard } from './guard.js';

const KEY = 'io.telemetry.session';
const VALID = /^[\w-]{1,64}$/;

/**
 * The session lives as long as the tab, across its pages; with storage disabled, as long as the page.
 *
 * @param {import('./environment.js').Environment} env
 */
export const createSession = (env) => {
  let id = guard(() => env.storage()?.getItem(KEY), undefined) || '';
  const save = () => guard(() => env.storage()?.setItem(KEY, id), undefined);
  if (!VALID.test(id)) {
    id = env.id();
    save();
  }
  return {
    id: () => id,
    /** Where the session lies between 0 and 1, the same on each of its pages. */
    share: () => [...id].reduce((hash, c) => (Math.imul(hash, 31) + c.charCodeAt(0)) >>> 0, 7) / 2 ** 32,
    /** The server has the last word. @param {string | undefined} given */
    adopt: (given) => {
      if (!given || given === id || !VALID.test(given)) return;
      id = given;
      save();
    },
  };
};
