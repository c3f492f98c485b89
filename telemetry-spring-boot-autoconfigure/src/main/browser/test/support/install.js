import { createPage } from './page.js';

/** A collector by itself, and what it records. */
export const install = (collector, { page = createPage(), again } = {}) => {
  const events = [];
  const sampledAs = [];
  const counts = {};
  const hooks = new Set();
  const restore = collector.install({
    env: page.env,
    record: (event, sampleAs) => {
      events.push(event);
      sampledAs.push(sampleAs);
    },
    isOwn: (url) => url === 'https://shop.example/chsk' || url.startsWith('https://shop.example/chsk/'),
    onHide: (work) => {
      hooks.add(work);
      return () => hooks.delete(work);
    },
    load: (use) => void page.env.load('/chsk/on-request.mjs').then(use),
    count: (reason, n = 1) => void (counts[reason] = (counts[reason] || 0) + n),
  }, again);
  return { page, events, sampledAs, counts, restore, hide: () => hooks.forEach((hook) => hook()) };
};

/** An element, as far as collectors look at one. */
export const element = (localName, attributes = {}, { parent, text = '', matches = [], inside = [] } = {}) => ({
  localName,
  id: attributes.id || '',
  classList: (attributes.class || '').split(' ').filter(Boolean),
  innerText: text,
  parentNode: parent,
  getAttribute: (name) => attributes[name] ?? null,
  matches: (selector) => selector.split(',').some((one) => one === localName || matches.includes(one)),
  closest: (selector) => (matches.includes(selector) || parent?.closest(selector) ? {} : null),
  querySelector: (selector) => selector.split(',').find((one) => inside.includes(one)) || null,
});
