/**
 * A collector that comes with the file for what few ask for.
 *
 * @param {'attribution' | 'scroll' | 'mouse'} name
 * @returns {import('./index.js').Collector}
 */
const onRequest = (name) => ({
  setting: name,
  install(tools) {
    let ended = false;
    let restore = () => {};
    tools.load((more) => {
      if (!ended) restore = more[name].install(tools);
    });
    return () => {
      ended = true;
      restore();
    };
  },
});

/** What a web vital was caused by. */
export const attribution = /* @__PURE__ */ onRequest('attribution');

/** How far down the page the visitor sees, in percent. */
export const scroll = /* @__PURE__ */ onRequest('scroll');

/** Where the pointer is in the window, besides. */
export const mouse = /* @__PURE__ */ onRequest('mouse');
