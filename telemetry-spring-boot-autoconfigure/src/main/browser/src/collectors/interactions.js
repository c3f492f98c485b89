import { PRIVATE } from '../element.js';
import { listen, together } from '../listen.js';

const TEXT = 50;

/** What a click on an icon or a word within it is meant for; and whose text is a caption, not content. */
const ACTIVE = 'a,button,label,summary,[role=button],[role=link]';
/** What may hold something that the visitor wrote. */
const WRITTEN = 'input,textarea,select,[contenteditable],[data-private]';

/**
 * What was clicked, and whether the page is seen.
 *
 * @type {import('./index.js').Collector}
 */
export const interactions = {
  setting: 'interactions',
  install: ({ env: { window, document }, record }) => together(
    listen(document, 'click', (event) => {
      // From the innermost element outwards, through open shadow roots.
      const path = event.composedPath().filter((/** @type {any} */ node) => node.localName);
      /** @param {string} selector */
      const find = (selector) => path.find((/** @type {any} */ node) => node.matches(selector));
      const active = find(ACTIVE);
      const element = active || path[0];
      // Not the property: in a form that is whatever field bears the name, in a drawing an object.
      /** @param {string} name */
      const attribute = (name) => (!find(PRIVATE) && element.getAttribute(name)) || undefined;
      const text = active && !find(WRITTEN) && !active.querySelector(WRITTEN) && active.innerText.trim();
      record({
        type: 'analytics',
        subtype: 'user-action',
        action: 'click',
        elementTag: element.localName,
        elementId: attribute('id'),
        elementClass: attribute('class'),
        elementText: text && text.length < TEXT ? text : undefined,
        page: window.location.pathname,
      }, 'click');
    }),
    // On `window`, and so before the client's own listener, which empties the buffer when the page hides.
    listen(window, 'visibilitychange', () => {
      record({ type: 'analytics', subtype: 'visibility', visible: document.visibilityState !== 'hidden' });
    }),
  ),
};
