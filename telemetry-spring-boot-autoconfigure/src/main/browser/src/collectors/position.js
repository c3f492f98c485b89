import { listen, together } from '../listen.js';

const PAUSE_MS = 1000;

/**
 * What happens all the time: where the visitor is on the page, at most once a second, only on request, and sampled as
 * `scroll`.
 *
 * @param {string} name
 * @param {string} type
 * @returns {import('./index.js').Collector}
 */
const position = (name, type) => ({
  setting: name,
  install({ env, record }) {
    const { window, document } = env;
    /** @type {any} */
    let timer;
    return together(() => env.clearTimeout(timer), listen(document, type, ({ clientX, clientY }) => {
      timer = timer || env.setTimeout(() => {
        timer = 0;
        record({
          type: 'analytics',
          subtype: name,
          depth: Math.round((100 * (window.scrollY + window.innerHeight)) / document.documentElement.scrollHeight),
          x: clientX,
          y: clientY,
        }, 'scroll');
      }, PAUSE_MS);
    }));
  },
});

/** How far down the page the visitor sees, in percent. */
export const scroll = position('scroll', 'scroll');

/** Where the pointer is in the window, besides. */
export const mouse = position('mouse', 'mousemove');
