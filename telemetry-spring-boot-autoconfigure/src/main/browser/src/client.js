import { ENVELOPE, toItem } from './batch.js';
import { backoff } from './backoff.js';
import { createCounters } from './counters.js';
import { createDelivery } from './delivery.js';
import { createFlood } from './flood.js';
import { createOutbox } from './outbox.js';
import { createPrivacy } from './privacy.js';
import { createSession } from './session.js';
import { createStore } from './store.js';
import { createTrail } from './trail.js';
import { createTransport } from './transport.js';
import { cut } from './cut.js';
import { guard } from './guard.js';
import { importance, isUrgent } from './importance.js';
import { isNoise } from './noise.js';
import { listen } from './listen.js';
import { rateOf } from './sampling.js';
import { effective } from './settings.js';
import { snapshot } from './snapshot.js';
import { absolute, cleanUrl, keepOfUrls } from './url.js';

/** @typedef {import('../client.d.ts').Options} Options */

const CONFIG_MS = 10000;
const STOP_MS = 3000;
/** With those of an event itself this stays below what the server allows in one object. */
const CONTEXT_KEYS = 20;
const CONTEXT_CHARACTERS = 2000;

/**
 * The running client: wires the parts, owns the settings and the page's comings and goings. It begins with `configure`:
 * collectors ask for it as soon as they are installed.
 *
 * @param {import('./environment.js').Environment} env
 * @param {import('./capture.js').Capture} capture
 * @param {Options} attributes
 * @param {Options} options
 * @param {boolean} [consent] what the page has said
 */
export const createClient = function (env, capture, attributes, options, consent) {
  const { window, document } = env;
  const session = createSession(env);
  const counters = createCounters();
  const trail = createTrail(() => settings.mask);
  /** The server's part of the settings, as fetched, then as pushed; before, nobody knows what may be sent. @type {Record<string, any> | undefined} */
  let server;
  /** In force since `apply`. @type {import('./settings.js').Effective} */
  let settings;
  /** How often they were asked for: the latest answer counts. */
  let asked = 0;
  /** @type {any} */
  let configTimer;
  const maySend = () => server && privacy.isGranted();
  let hidden = false;
  let stopped = false;
  let recording = false;
  /** @type {string | undefined} */
  let serverUser;
  /** Texts and patterns of what is nobody's fault here. @type {any[]} */
  let ignore = [];
  /** Where the page is, as it is and as it may be told. */
  let href = '';
  let cleaned = '';
  /** What the application wants to see with CONNECT. @type {Record<string, string>} */
  let csrf = {};
  /** @type {Record<string, unknown> | false} */
  let context = false;

  /** @template {keyof Options} K @param {K} key @returns {Options[K]} */
  const option = (key) => options[key] ?? attributes[key];
  const channel = () => absolute(window, option('path') || '/chsk');
  /** Asked for with every word that is printed. */
  let base = channel();
  const address = (suffix = '') => {
    const key = option('key');
    return base + suffix + (key ? `?key=${encodeURIComponent(key)}` : '');
  };
  /** What the page gives, or a function of the page that does. @param {'headers' | 'ticket'} name @returns {any} */
  const given = (name) => {
    const value = option(name);
    return guard(() => (typeof value === 'function' ? value() : value));
  };
  /** @type {import('./collectors/index.js').Context['load']} */
  const load = (use) => void env.load(base + '/on-request.mjs').then(use).catch(() => {});
  const headers = () => guard(() => ({ ...given('headers') }), {});
  const ticket = () => given('ticket') || undefined;
  // Two applications of one origin are two servers.
  const store = createStore(env, `chsk ${address()} `, () => privacy.isGranted(), () => settings.buffer.stored, session.id, counters.count);
  const currentUser = () => option('user') ?? serverUser;
  /** Cleaned once for all that happens on it. */
  const page = () => {
    if (href !== document.URL) {
      href = document.URL;
      cleaned = guard(() => cleanUrl(window, href), '');
    }
    return cleaned;
  };

  const common = () => ({ page: page(), user: currentUser(), release: option('release'), environment: option('environment') });
  const outbox = createOutbox(env, store, counters, () => settings.buffer, common, session.id, ticket);
  const delivery = createDelivery(env, store, outbox, () => transport, counters);

  const connectHeaders = () => ({
    host: window.location.hostname,
    'session-id': session.id(),
    'user-id': option('user'),
    ticket: ticket(),
    ...csrf,
    ...headers(),
  });
  /** @param {Record<string, string>} given */
  const onConnected = (given) => {
    session.adopt(given['session-id']);
    serverUser = given['user-id'];
    delivery.connected();
  };
  /** @param {string | undefined} reason */
  const onEnded = (reason) => {
    // Somebody has logged in or out since.
    if (reason === 'csrf-token') loadConfig();
    if (reason) remember('connection', reason);
  };
  const transport = createTransport(env, store, outbox, delivery, address, maySend, () => server?.webSocket !== false,
    connectHeaders, headers, session.id, onConnected, onEnded, (message) => control(message));

  const privacy = createPrivacy(env, () => settings, counters.count, consent);

  /** What went wrong with the client itself, for errors to take along and the server to ask. @param {string} type @param {unknown} message */
  const remember = (type, message) => {
    trail.add({ timestamp: env.now(), type, message: `${message}` });
  };

  /** @param {unknown} requestId @param {unknown} what */
  const diagnose = (requestId, what) => load(({ answer }) =>
    transport.tell(`/app/diagnostics/${requestId}`, answer(env, what, store.all(), counters.totals, transport.state(), trail.list())));

  const isEnabled = () => settings.enabled && !stopped && !privacy.isRefused() && session.isWithin(settings.session.rate);
  /** Where only the server's operator wants nothing for a while, the page stays within hearing. */
  const isListening = () => isEnabled() || (option('enabled') !== false && server?.stay === true);

  /** @param {Record<string, any>} event ready for the wire @returns {void} */
  const emit = (event) => {
    const item = toItem(event, importance(event), isUrgent(event));
    if (item.bytes > settings.buffer.bytes - ENVELOPE) return counters.count('too-large');
    if (outbox.add(item)) env.microtask(delivery.pump);
    outbox.keepBounds();
    if (option('debug')) env.print('[telemetry]', event);
  };

  const flood = createFlood(env, counters.count, emit);

  /** The rate at which an event like this is kept; 0 where this one is not. @param {Record<string, any>} event @param {string} sampleAs */
  const draw = (event, sampleAs) => {
    const rate = rateOf(event, sampleAs, settings.sampling);
    return env.random() < rate ? rate : 0;
  };

  /** @param {Record<string, any>} event @param {string} sampleAs @param {boolean} [called] @returns {void} */
  const take = (event, sampleAs, called) => {
    if (isNoise(event, ignore)) return counters.count('noise');
    event = { timestamp: env.now(), ...event };
    const before = event.type === 'error' ? trail.list() : undefined;
    // Also what sampling leaves out. Requests have noted themselves; other measurements are nothing that happened.
    if (event.type !== 'metric') trail.add(event);
    const rate = event.sampleRate ?? draw(event, sampleAs);
    if (!rate) return;
    const copy = privacy.clean(context ? { ...event, context: { ...context, ...event.context } } : event);
    copy.sampleRate = rate < 1 ? rate : undefined;
    copy.trail = before;
    const approved = privacy.approve(copy, option('beforeSend'));
    if (approved) flood.take(approved, called);
  };

  /** Something happens: after a long silence that is another session. */
  const touch = () => {
    if (!session.isOver(settings.session.idleMs)) return;
    flush();
    for (const batch of store.all()) batch.session = batch.session || session.id();
    session.renew();
    // The session of a connection is fixed when it is made. Where there is none, the next one keeps its moment.
    if (transport.state().road === 'socket') transport.stop();
    apply();
  };

  /** @param {Record<string, any>} event @param {string} [sampleAs] @param {boolean} [called] by the page itself */
  const record = (event, sampleAs = event.subtype, called) => {
    // Copying runs the page's code (getters, toJSON), and that may report again.
    if (recording || !isEnabled()) return;
    recording = true;
    try {
      touch();
      take(event, sampleAs, called);
    } catch (error) {
      counters.count('failed');
      remember('client', error);
    } finally {
      recording = false;
    }
  };

  /** Before the shares are known nothing is decided. @param {Record<string, any>} event @param {string} sampleAs */
  const drawEarly = (event, sampleAs) => (server ? draw(event, sampleAs) : undefined);

  /** @param {string} url */
  const isOwn = (url) => url === base || url.startsWith(base + '/');

  const traceOrigins = () => [server, options].flatMap((layer) => layer?.trace?.origins || []);

  const apply = () => {
    settings = effective(server, attributes, options);
    keepOfUrls(server?.privacy);
    ignore = [server?.ignore, option('ignore')].flat().filter(Boolean);
    href = '';
    capture.install(({ setting }) => isEnabled() && settings.collect[setting] !== false);
    if (server?.enabled === false) discard('disabled');
    // Not even an empty database is made for somebody who does not want to be watched.
    if (privacy.isRefused() && store.size() > 0) discard('no-consent');
    if (!privacy.isGranted()) transport.stop();
    else if (server && !hidden && isListening()) transport.start();
    session.keep(privacy.isGranted());
    recover();
  };

  /** What other pages could not deliver. */
  const recover = () => {
    if (!maySend() || !isEnabled()) return;
    store.drain(() => {
      outbox.keepBounds();
      delivery.pump();
    });
  };

  /** Nothing is wanted from this page: what waits is not sent later either. @param {string} reason */
  const discard = (reason) => {
    flood.flush();
    if (store.size() > 0) counters.count(reason, store.size());
    store.clear(reason);
  };

  const loadConfig = async function () {
    env.clearTimeout(configTimer);
    const attempt = ++asked;
    let config;
    try {
      // One that hangs would take up one of the few connections that the page has.
      const signal = AbortSignal.timeout?.(CONFIG_MS);
      const response = /** @type {Response} */ (await env.fetch?.(address('/config'), { credentials: 'same-origin', headers: headers(), signal }));
      // There are none for this page, then; that it asks too often says nothing of it.
      config = response.ok ? await response.json() : response.status < 429 && {};
    } catch {
      // as without an answer
    }
    if (attempt !== asked || stopped) return;
    if (Object(config) !== config) {
      configTimer = env.setTimeout(loadConfig, backoff(env, attempt));
      return;
    }
    // A pushed one is newer.
    if (!server) server = config;
    csrf = config.csrf?.header ? { [config.csrf.header]: config.csrf.token } : {};
    apply();
    delivery.pump();
  };

  /** @param {any} message one that is no object throws, which ends in the transport */
  const control = ({ type, config, withinMs, requestId, what }) => {
    if (type === 'config' && Object(config) === config) {
      server = config;
      apply();
    }
    if (type === 'flush') flush();
    if (type === 'reconnect') transport.reconnect(withinMs);
    if (type === 'diagnose') diagnose(requestId, what);
  };

  /** What waits for company waits no longer. */
  const gather = () => {
    flood.flush();
    outbox.flush();
  };

  const flush = () => {
    gather();
    delivery.pump();
  };

  const leave = () => {
    capture.hide();
    gather();
    session.keep(privacy.isGranted());
    // Before the server has said what may be sent, nothing is.
    if (maySend()) {
      if (isEnabled()) outbox.close();
      transport.leave();
    }
    // What has left as well, until it is answered for.
    store.save();
    store.letGo();
  };

  const onVisibility = () => {
    if (document.visibilityState === 'hidden') {
      leave();
      transport.hide();
    } else {
      touch();
      transport.show();
      recover();
    }
  };

  const listeners = [
    listen(document, 'visibilitychange', onVisibility),
    listen(window, 'pagehide', () => {
      hidden = true;
      leave();
      // An open socket would be cut when the page comes back from the back/forward cache, and the server would see a crash.
      transport.stop();
    }),
    listen(document, 'freeze', leave),
    listen(window, 'pageshow', ({ persisted }) => {
      if (!persisted) return;
      hidden = false;
      apply();
      delivery.returned();
    }),
    listen(window, 'online', () => transport.renew()),
  ];

  if (document.visibilityState === 'hidden') transport.hide();
  // The page's own scripts go first: a request is the dearest part of starting.
  env.soon(loadConfig);

  return {
    // What collectors have.
    record, note: trail.add, count: counters.count, isOwn, load, traceOrigins, draw: drawEarly,

    /** @param {Record<string, any>} event that the page reports itself */
    call: (event) => record(event, event.subtype, true),

    /** @param {Options} more */
    configure(more) {
      const before = address();
      options = { ...options, ...more };
      base = channel();
      apply();
      if (address() === before) return;
      // Another server, with rules of its own.
      server = undefined;
      transport.stop();
      loadConfig();
    },

    /** @param {boolean} granted */
    setConsent(granted) {
      privacy.setConsent(granted);
      if (!granted) discard('no-consent');
      apply();
      delivery.pump();
    },

    /** @param {unknown} given */
    setUser(given) {
      const id = given && typeof given === 'object' ? /** @type {any} */ (given).id : given;
      options = { ...options, user: id === null || id === undefined ? undefined : cut(id, 200) };
      attributes = { ...attributes, user: undefined };
    },

    /** @param {unknown} given */
    setContext(given) {
      const copy = snapshot(given, CONTEXT_CHARACTERS);
      context = Object(copy) === copy && Object.fromEntries(Object.entries(copy).slice(0, CONTEXT_KEYS));
    },

    /** @param {number} timeoutMs */
    flush(timeoutMs) {
      flush();
      return delivery.settled(timeoutMs);
    },

    async stop() {
      stopped = true;
      env.clearTimeout(configTimer);
      // The page gets its own functions back at once; only the delivery takes time.
      apply();
      listeners.forEach((remove) => remove());
      flush();
      if (maySend()) await delivery.settled(STOP_MS);
      leave();
      transport.stop();
      delivery.close();
      flood.close();
    },
  };
};
