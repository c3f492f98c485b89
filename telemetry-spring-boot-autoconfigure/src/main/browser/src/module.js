import { all } from './collectors/index.js';
import { guard } from './guard.js';
import { pathOf } from './attributes.js';
import { shared } from './shared.js';

export { consoleCalls } from './collectors/console.js';
export { errors } from './collectors/errors.js';
export { fetchCalls } from './collectors/fetch.js';
export { interactions } from './collectors/interactions.js';
export { longFrames } from './collectors/long-frames.js';
export { attribution, mouse, scroll } from './collectors/on-request.js';
export { reports } from './collectors/reports.js';
export { resources } from './collectors/resources.js';
export { webVitals } from './collectors/vitals.js';
export { routeChanges } from './collectors/navigation.js';
export { xhrCalls } from './collectors/xhr.js';

/** @typedef {import('../client.d.ts').Telemetry} Telemetry */

// Functions instead of one object, and nothing that runs on import: a bundler can leave out what is not used.
const telemetry = () => shared(window).telemetry;

/** @type {typeof import('../client.d.ts').initWith} */
export const initWith = (collectors, options = {}) =>
  shared(window).start(collectors, () => ({ path: guard(() => pathOf(window, import.meta.url)) }), options);

/** @type {Telemetry['init']} */
export const init = (options) => initWith(all, options);
/** @type {Telemetry['log']} */
export const log = (level, message, context) => telemetry().log(level, message, context);
/** @type {Telemetry['error']} */
export const error = (thrown, context) => telemetry().error(thrown, context);
/** @type {Telemetry['track']} */
export const track = (name, properties) => telemetry().track(name, properties);
/** @type {Telemetry['metric']} */
export const metric = (name, value, unit) => telemetry().metric(name, value, unit);
/** @type {Telemetry['feature']} */
export const feature = (name, properties) => telemetry().feature(name, properties);
/** @type {Telemetry['conversion']} */
export const conversion = (funnel, step, value) => telemetry().conversion(funnel, step, value);
/** @type {Telemetry['render']} */
export const render = (component, ms, items) => telemetry().render(component, ms, items);
/** @type {Telemetry['setUser']} */
export const setUser = (user) => telemetry().setUser(user);
/** @type {Telemetry['setContext']} */
export const setContext = (context) => telemetry().setContext(context);
/** @type {Telemetry['setConsent']} */
export const setConsent = (granted) => telemetry().setConsent(granted);
/** @type {Telemetry['enable']} */
export const enable = () => telemetry().enable();
/** @type {Telemetry['disable']} */
export const disable = () => telemetry().disable();
/** @type {Telemetry['flush']} */
export const flush = (timeoutMs) => telemetry().flush(timeoutMs);
/** @type {Telemetry['stop']} */
export const stop = () => telemetry().stop();
