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
    /** The server has the last word. @param {string | undefined} given */
    adopt: (given) => {
      if (!given || given === id || !VALID.test(given)) return;
      id = given;
      save();
    },
  };
};
