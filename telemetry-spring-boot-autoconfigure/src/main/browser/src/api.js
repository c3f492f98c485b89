import { createCapture } from './capture.js';
import { createClient } from './client.js';
import { createEnvironment } from './environment.js';
import { describe } from './describe.js';
import { guard } from './guard.js';

const FLUSH_MS = 10000;
// Taken before the page's fake timers can come.
const { now } = Date;
const MOST_EARLY = 100;

/** @typedef {import('../client.d.ts').Telemetry} Telemetry */
/** @typedef {import('../client.d.ts').Options} Options */
/** @typedef {import('./collectors/index.js').Collector} Collector */

/**
 * What the page calls; nothing of it throws. Calls made before `init` are kept for it.
 *
 * @param {Window & typeof globalThis} window
 * @param {(window: Window & typeof globalThis) => import('./environment.js').Environment} [environment]
 */
export const createApi = function (window, environment = createEnvironment) {
  /** @type {ReturnType<typeof createClient> | undefined} */
  let client;
  /** Sets the client up, where one was asked for. @type {(() => ReturnType<typeof createClient>) | undefined} */
  let begin;
  /** @type {Promise<void> | undefined} */
  let stopping;
  /** @type {(() => void)[]} */
  const early = [];
  /** Stands for the page, whenever a client comes. @type {boolean | undefined} */
  let consent;
  /** While calls are made up for: when the page made them. */
  let madeAt = 0;

  const running = () => client || begin?.();

  /** @param {'call' | 'configure' | 'setUser' | 'setContext' | 'setConsent'} name @param {any} given */
  const use = (name, given) => {
    guard(() => {
      // What happens can't wait, by and by the page changes its objects; and what it switches off is off at once.
      if (client || (begin && !name.startsWith('set'))) /** @type {any} */ (running())[name](given);
      else if (!stopping && early.length < MOST_EARLY) early.push(() => use(name, given));
    });
  };

  /** @param {Record<string, any>} event */
  const record = (event) => {
    use('call', { timestamp: madeAt || now(), ...event });
  };

  /** The entries put `init` in: they know the collectors and where the file came from. */
  const telemetry = /** @type {Telemetry} */ ({
    log: (level, message, context) => record({ type: 'log', level, message, context }),
    error(error, context) {
      guard(() => {
        record({ type: 'error', ...describe(window, error), context });
      });
    },
    track: (name, properties) => record({ type: 'analytics', subtype: 'custom', eventName: name, properties }),
    metric: (name, value, unit) => record({ type: 'metric', subtype: 'custom', metricName: name, value, unit }),
    feature: (name, properties) => record({ type: 'analytics', subtype: 'feature-usage', feature: name, properties }),
    conversion: (funnel, step, value) => record({ type: 'analytics', subtype: 'conversion', funnel, step, value }),
    render: (component, ms, items) => record({ type: 'metric', subtype: 'render', component, renderMs: ms, itemsCount: items }),
    setUser: (user) => use('setUser', user),
    setContext: (context) => use('setContext', context),
    setConsent(granted) {
      consent = granted === true;
      use('setConsent', consent);
    },
    enable: () => use('configure', { enabled: true }),
    disable: () => use('configure', { enabled: false }),
    flush: (timeoutMs = FLUSH_MS) => guard(() => running()?.flush(+timeoutMs || 0)) || Promise.resolve(!client),
    stop() {
      const leaving = running();
      client = undefined;
      if (leaving) stopping = leaving.stop().catch(() => {});
      return stopping || Promise.resolve();
    },
  });

  /**
   * @param {Collector[]} collectors
   * @param {() => Options} attributes
   * @param {Options} options
   * @param {[name: keyof Telemetry, args: any, at: number][]} [calls] that the page made before the script had come; an
   *   `init` among them starts the client
   */
  const start = function (collectors, attributes, options, calls = []) {
    guard(() => calls.forEach((call) => guard(() => {
      const [name, args, at] = call;
      madeAt = at;
      /** @type {Function} */ (telemetry[name])(...args);
    })));
    madeAt = 0;
    guard(() => {
      if (client || begin) {
        use('configure', options);
        return;
      }
      const env = environment(window);
      const capture = createCapture(env, collectors, running);
      begin = () => {
        begin = undefined;
        client = createClient(env, capture, attributes(), { ...options }, consent);
        client.configure({});
        early.splice(0).forEach((call) => call());
        return client;
      };
      stopping = undefined;
      capture.install(({ early, setting }) => early && (options.collect?.[setting] ?? options.enabled) !== false);
      // The page's own scripts go first.
      env.soon(() => guard(() => begin?.()));
    });
  };

  return { telemetry, start };
};
