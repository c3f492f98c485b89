import { cleanUrl } from '../url.js';

/**
 * How the page came: phases that follow each other, and what it brought along.
 *
 * @param {Window} window
 * @param {any} entry of the navigation, complete
 * @param {(url: string) => boolean} isOwn
 */
export const pageLoad = (window, entry, isOwn) => {
  const { connectEnd, activationStart = 0 } = entry;
  const connected = entry.secureConnectionStart || connectEnd;
  const resources = /** @type {any[]} */ (window.performance.getEntriesByType('resource')).filter(({ name }) => !isOwn(name));
  /** @param {number} from @param {number} to */
  const ms = (from, to) => Math.max(0, Math.round(to - from));
  return {
    type: 'metric',
    subtype: 'page-load',
    url: cleanUrl(window, entry.name),
    timing: {
      dnsMs: ms(entry.domainLookupStart, entry.domainLookupEnd),
      connectMs: ms(entry.connectStart, connected),
      tlsMs: ms(connected, connectEnd),
      responseMs: ms(entry.requestStart, entry.responseEnd),
      // From when the visitor could see the page: what was prepared before has cost nobody time.
      domContentLoadedMs: ms(activationStart, entry.domContentLoadedEventEnd),
      loadMs: ms(activationStart, entry.loadEventEnd),
    },
    resources: { count: resources.length, totalKb: Math.round(resources.reduce((sum, { transferSize }) => sum + (transferSize || 0), 0) / 1024) },
  };
};
