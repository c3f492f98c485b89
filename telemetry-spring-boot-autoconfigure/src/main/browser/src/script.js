import './order.js';
import { all } from './collectors/index.js';
import { guard } from './guard.js';
import { readAttributes } from './attributes.js';
import { shared } from './shared.js';

/**
 * The classic script: starts itself as its own tag says.
 *
 * @param {Window & typeof globalThis} window
 */
export const boot = (window) => {
  const { telemetry, start } = shared(window);
  if (window.Telemetry === telemetry) return;   // a second copy
  const script = /** @type {HTMLScriptElement | null} */ (window.document.currentScript);
  const attributes = () => readAttributes(window, script);
  telemetry.init = (options = {}) => start(all, attributes, options);
  // What the page left for us, where the tag is `async` or `defer`.
  const early = /** @type {any} */ (window.Telemetry);
  window.Telemetry = telemetry;
  start(all, attributes, {}, early?.q);
};

guard(() => boot(window));
