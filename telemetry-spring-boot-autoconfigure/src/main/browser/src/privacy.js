import { guard } from './guard.js';
import { parse, toJson } from './json.js';
import { snapshot } from './snapshot.js';

/**
 * What may be collected, sent and stored, and what of an event may leave the page.
 *
 * @param {import('./environment.js').Environment} env
 * @param {() => import('./settings.js').Effective} rules in force
 * @param {(reason: string) => void} count
 * @param {boolean | undefined} consent undefined while the page has not said
 */
export const createPrivacy = function (env, rules, count, consent) {
  /** @type {any} */
  const navigator = env.window.navigator;
  const isRefused = () =>
    consent === false ||
    (rules().asks('respectGpc') && navigator.globalPrivacyControl === true) ||
    (rules().asks('respectDnt') && navigator.doNotTrack === '1');
  /** @param {unknown} event @returns {any} */
  const clean = (event) => snapshot(event, undefined, rules().mask);

  return {
    /** Whether the visitor does not want to be watched at all: nothing is collected. */
    isRefused,
    /** Whether what was collected may be sent, and stored on the visitor's device. */
    isGranted: () => !isRefused() && (consent === true || !rules().asks('requireConsent')),
    /** @param {boolean} granted */
    setConsent(granted) {
      consent = granted;
    },
    /** A copy without what must not leave the page. @param {Record<string, any>} event @returns {Record<string, any>} */
    clean,
    /**
     * What the page's own hook makes of it, cleaned as well. One that fails, or answers with anything but an event, has
     * not said that this one may go.
     *
     * @param {Record<string, any>} event
     * @param {import('../client.d.ts').Options['beforeSend']} hook
     * @returns {Record<string, any> | undefined} nothing where it is dropped, which is counted
     */
    approve(event, hook) {
      if (!hook) return event;
      const answer = guard(() => hook(parse(toJson(event))));
      const copy = clean(answer);
      if (typeof copy?.type === 'string') return copy;
      count(answer === null || answer === false ? 'before-send' : 'before-send-failed');
      return undefined;
    },
  };
};
