import { snapshot } from './snapshot.js';

/**
 * What may be collected, sent and stored, and what of an event may leave the page.
 *
 * @param {object} parts
 * @param {import('./environment.js').Environment} parts.env
 * @param {() => any} parts.rules in force
 * @param {(reason: string, n?: number) => void} parts.count
 */
export const createPrivacy = (parts) => ({
  /** Whether the visitor does not want to be watched at all: nothing is collected. */
  isRefused: () => !parts,
  /** Whether what was collected may be sent, and stored on the visitor's device. */
  isGranted: () => true,
  /** @param {boolean} granted */
  setConsent: (granted) => void granted,
  /**
   * A copy without what must not leave the page.
   *
   * @param {Record<string, any>} event
   * @returns {Record<string, any> | undefined} nothing where it is dropped, which is counted
   */
  clean: (event) => snapshot(event),
});
