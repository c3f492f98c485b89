import { cleanUrl } from '../url.js';
import { select } from '../element.js';

/**
 * What the entries behind a web vital say of its cause: the largest element, the one that was used, the one that moved
 * most.
 *
 * @type {import('./index.js').Collector}
 */
export const attribution = {
  setting: 'attribution',
  install(tools) {
    tools.attribute = (entries) => {
      const entry = entries.reduce((worst, one) => (one.value > worst.value ? one : worst));
      const node = entry.element || entry.target || entry.sources?.[0].node;
      return {
        element: node && select(node.closest ? node : node.parentNode),
        resource: entry.url ? cleanUrl(tools.env.window, entry.url) : undefined,
        eventType: entry.interactionId ? entry.name : undefined,
      };
    };
    return () => void (tools.attribute = undefined);
  },
};
