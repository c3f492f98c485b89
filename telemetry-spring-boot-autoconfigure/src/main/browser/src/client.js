import { ENVELOPE, encodeBatch, prefix, sizeOf, toItem } from './batch.js';
import { backoff } from './backoff.js';
import { createBuffer } from './buffer.js';
import { createCounters } from './counters.js';
import { createDelivery } from './delivery.js';
import { createDiagnostics } from './diagnostics.js';
import { createExit } from './exit.js';
import { createFlood } from './flood.js';
import { createPrivacy } from './privacy.js';
import { createSession } from './session.js';
import { createStore } from './store.js';
import { createTrail } from './trail.js';
import { createTransport } from './transport.js';
import { cut } from './cut.js';
import { evictOne } from './evict.js';
import { guard } from './guard.js';
import { importance, isUrgent } from './importance.js';
import { isBot, isNoise } from './noise.js';
import { listen } from './listen.js';
import { rateOf } from './sampling.js';
import { effective } from './settings.js';
import { snapshot } from './snapshot.js';
import { absolute, cleanUrl, keepOfUrls } from './url.js';

/** @typedef {import('./batch.js').Batch} Batch */
/** @typedef {import('./batch.js').Item} Item */
/** @typedef {import('../client.d.ts').Options} Options */

const CONFIG_MS = 10000;
const STOP_MS = 3000;
/** With those of an event itself this stays below what the server allows in one object. */
const CONTEXT_KEYS = 20;
const CONTEXT_CHARACTERS = 2000;
const TRAIL_CHARACTERS = 100;

/**
 * The running client: wires the parts, owns the settings and the page's comings and goings.
 *
 * @param {object} parts
 * @param {import('./environment.js').Environment} parts.env
 * @param {import('./collectors/index.js').Collector[]} parts.collectors
 * @param {Options} parts.attributes
 * @param {Options} parts.options
 * @param {boolean} [parts.consent] what the page has said
 */
export const createClient = ({ env, collectors, attributes, options, consent }) => {
  const { window, document } = env;
  const session = createSession(env);
  const counters = createCounters();
  const trail = createTrail();
  /** The server's part of the settings, as fetched, then as pushed. @type {Record<string, any> | undefined} */
  let server;
  let settings = effective(server, attributes, options);
  /** Whether the server's settings have come: before, nobody knows what may be sent. */
  let released = false;
  /** How often they were asked for: the latest answer counts. */
  let asked = 0;
  /** @type {any} */
  let configTimer;
  const maySend = () => released && privacy.isGranted();
  let hidden = false;
  let stopped = false;
  let recording = false;
  let seq = 0;
  /** @type {string | undefined} */
  let user;
  /** @type {string | undefined} */
  let serverUser;
  /** What the application wants to see with CONNECT. @type {Record<string, string>} */
  let csrf = {};
  /** @type {Record<string, unknown>} */
  let context = {};
  /** Those that were, too. @type {Map<import('./collectors/index.js').Collector, (() => void) | undefined>} */
  const installed = new Map();
  /** @type {Set<() => void>} */
  const hideHooks = new Set();

  /** @template {keyof Options} K @param {K} key @returns {Options[K]} */
  const option = (key) => options[key] ?? attributes[key];
  const base = () => absolute(window, option('path') || '/chsk');
  const address = (suffix = '') => {
    const key = option('key');
    return base() + suffix + (key ? `?key=${encodeURIComponent(key)}` : '');
  };
  const headers = () => {
    const given = option('headers');
    return guard(() => ({ ...(typeof given === 'function' ? given() : given) }), {});
  };
  const ticket = () => {
    const given = option('ticket');
    return guard(() => (typeof given === 'function' ? given() : given)) || undefined;
  };
  const store = createStore({
    env,
    // Two applications of one origin are two servers.
    name: `chsk ${address()} `,
    allowed: () => privacy.isGranted(),
    limit: () => settings.buffer.stored,
    session: session.id,
    count: counters.count,
  });
  const currentUser = () => user ?? option('user') ?? serverUser;

  /** @param {Batch} batch @param {boolean} [post] a connection has shown its ticket when it was made */
  const encode = (batch, post) => {
    batch.session = batch.session || session.id();
    return encodeBatch(batch, { sentAt: env.now(), userAgent: cut(window.navigator.userAgent, 500), ticket: post ? ticket() : undefined });
  };

  /** @param {Item[]} items @param {Pick<Batch, 'urgent' | 'page' | 'user' | 'session' | 'dropped'>} common */
  const put = (items, common, id = env.id()) => {
    /** @type {Batch} */
    const batch = { made: env.now(), release: option('release'), environment: option('environment'), ...common, saved: undefined, id, seq: seq++, items, attempts: 0, refusals: 0, on: '', at: 0 };
    store.put(batch);
    return batch;
  };

  /** @param {Item[]} items @param {boolean} urgent */
  const seal = (items, urgent) => {
    const { events, bytes } = settings.buffer;
    const page = guard(() => cleanUrl(window, window.location.href), '');
    const owner = currentUser();
    const rest = [...items];
    /** @param {Item[]} list */
    const fitting = (list) => rest.splice(0, prefix(rest, events - list.length, bytes - ENVELOPE - sizeOf(list), list.length > 0 ? 0 : 1));
    // While the line is down or busy, urgent events would pile up as batches of one.
    const last = store.all().filter((batch) => batch.urgent === urgent).pop();
    if (last && last.attempts === 0 && !last.saved && last.user === owner && last.page === page) {
      last.items.push(...fitting(last.items));
      counters.moveTo(last.dropped);
      store.put(last);
    }
    while (rest.length > 0) put(fitting([]), { urgent, page, user: owner, session: '', dropped: counters.moveTo({}) });
    env.microtask(delivery.pump);
  };

  /** @param {Batch} batch @param {number} at */
  const split = (batch, at) => {
    store.remove(batch.id);
    // New ids: what the server may remember is the whole. The same in another tab that halves the same batch.
    const halves = [put(batch.items.slice(0, at), batch, batch.id + 'a'), put(batch.items.slice(at), { ...batch, dropped: {} }, batch.id + 'b')];
    delivery.replaced(batch.id, halves.map((half) => half.id));
    return halves;
  };

  const buffer = createBuffer({
    env,
    limits: () => ({ ...settings.buffer, bytes: settings.buffer.bytes - ENVELOPE }),
    onFull: seal,
  });

  const delivery = createDelivery({
    env,
    store,
    road: { isReady: () => maySend() && transport.isReady(), window: () => transport.window(), send: (batch) => transport.send(batch) },
    count: counters.count,
    split,
    onDropped: (batch) => counters.giveBack(batch.dropped),
  });

  const transport = createTransport({
    env,
    url: address,
    sockets: () => server?.webSocket !== false,
    connectHeaders: () => ({
      host: window.location.hostname,
      'session-id': session.id(),
      'user-id': user ?? option('user'),
      ticket: ticket(),
      ...csrf,
      ...headers(),
    }),
    headers,
    encode,
    session: session.id,
    onConnected: (given) => {
      session.adopt(given['session-id']);
      serverUser = given['user-id'];
      delivery.connected();
    },
    onLost: delivery.lost,
    onEnded: (reason) => {
      // Somebody has logged in or out since.
      if (reason === 'csrf-token') loadConfig();
      if (reason) diagnostics.remember('connection', reason);
    },
    onReady: delivery.pump,
    onAnswer: delivery.answer,
    onFailed: delivery.failed,
    onControl: (message) => control(message),
  });

  const exit = createExit({
    env,
    store,
    url: () => address('/batch'),
    headers,
    encode,
    split,
    onAnswer: delivery.answer,
    onFailed: delivery.failed,
  });

  const bot = isBot(window.navigator.userAgent);
  const privacy = createPrivacy(env, () => settings, counters.count, consent);

  const diagnostics = createDiagnostics(
    env,
    () => ({ waiting: buffer.size(), stored: store.size(), inFlight: store.all().filter((batch) => batch.on).length, dropped: counters.totals() }),
    () => ({ connection: transport.state(), roundTripMs: delivery.roundTrip() }),
  );

  const keepBounds = () => {
    while (buffer.size() + store.size() > settings.buffer.stored) {
      const shrunk = evictOne(store.all(), buffer.lists());
      counters.count('buffer-full');
      // One that changes is in the store already.
      if (shrunk?.items.length === 0) {
        store.remove(shrunk.id);
        counters.giveBack(shrunk.dropped);
      }
    }
  };

  /** @param {string} name of a switch in `collect` that is off unless asked for */
  const wants = (name) => settings.collect[name] === true;
  const isEnabled = () => settings.enabled && !stopped && (!bot || wants('bots')) && !privacy.isRefused() && session.isWithin(settings.session.rate);
  /** Where only the server's operator wants nothing for a while, the page stays within hearing. */
  const isListening = () => isEnabled() || (!stopped && option('enabled') !== false && server?.stay === true);

  /** @param {Record<string, any>} event ready for the wire @returns {void} */
  const emit = (event) => {
    const item = toItem(event, importance(event), isUrgent(event));
    if (item.bytes > settings.buffer.bytes - ENVELOPE) return counters.count('too-large');
    buffer.add(item);
    keepBounds();
    if (option('debug')) env.print('[telemetry]', event);
  };

  const flood = createFlood({ env, count: counters.count, emit });

  /** The rate at which an event like this is kept; 0 where this one is not. @param {Record<string, any>} event @param {string} sampleAs */
  const draw = (event, sampleAs) => {
    const rate = rateOf(event, sampleAs, settings.sampling);
    return env.random() < rate ? rate : 0;
  };

  /** @param {Record<string, any>} event @param {string} sampleAs @param {boolean} [called] @returns {void} */
  const take = (event, sampleAs, called) => {
    if (isNoise(event, [server?.ignore, option('ignore')].flat().filter(Boolean))) return counters.count('noise');
    event = { timestamp: env.now(), ...event };
    const before = event.type === 'error' ? trail.list() : undefined;
    // Also what sampling leaves out. Requests have noted themselves; other measurements are nothing that happened.
    if (event.type !== 'metric') trail.add(event);
    const rate = event.sampleRate ?? draw(event, sampleAs);
    if (!rate) return;
    const withContext = Object.keys(context).length > 0 ? { context: { ...context, ...event.context } } : {};
    const copy = privacy.clean({ ...event, ...withContext, trail: before });
    copy.sampleRate = rate < 1 ? rate : undefined;
    // Cut when masked, see there.
    for (const entry of copy.trail || []) entry.text = cut(entry.text, TRAIL_CHARACTERS);
    const approved = privacy.approve(copy, option('beforeSend'));
    if (approved) flood.take(approved, called);
  };

  /** Something happens: after a long silence that is another session. */
  const touch = () => {
    if (!session.isOver(settings.session.idleMs)) return;
    flush();
    for (const batch of store.all()) batch.session = batch.session || session.id();
    session.renew();
    // The session of a connection is fixed when it is made.
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
      if (event.type === 'error') diagnostics.remember(event.name || event.subtype, event.message);
      take(event, sampleAs, called);
    } catch (error) {
      counters.count('failed');
      diagnostics.remember('client', error);
    } finally {
      recording = false;
    }
  };

  /** Before the shares are known nothing is decided. @param {Record<string, any>} event @param {string} sampleAs */
  const drawEarly = (event, sampleAs) => (released ? draw(event, sampleAs) : undefined);

  /** @param {string} url */
  const isOwn = (url) => url === base() || url.startsWith(base() + '/');

  const traceOrigins = () => [server, options].flatMap((layer) => layer?.trace?.origins || []);

  /** @param {() => void} work */
  const onHide = (work) => {
    hideHooks.add(work);
    return () => void hideHooks.delete(work);
  };

  /** @type {import('./collectors/index.js').Context} */
  const tools = { env, record, note: trail.add, count: counters.count, isOwn, onHide, wants, traceOrigins, draw: drawEarly };

  const apply = () => {
    settings = effective(server, attributes, options);
    keepOfUrls(server?.privacy);
    for (const collector of collectors) {
      const wanted = isEnabled() && settings.collect[collector.setting] !== false;
      const restore = installed.get(collector);
      if (wanted && !restore) {
        installed.set(collector, guard(() => collector.install(tools, installed.has(collector))) || (() => {}));
      } else if (!wanted && restore) {
        installed.set(collector, undefined);
        guard(restore);
      }
    }
    if (server?.enabled === false) discard('disabled');
    // Not even an empty database is made for somebody who does not want to be watched.
    if (privacy.isRefused() && buffer.size() + store.size() > 0) discard('no-consent');
    if (!privacy.isGranted()) transport.stop();
    else if (released && !hidden && isListening()) transport.start();
    session.keep(privacy.isGranted());
    recover();
  };

  /** What other pages could not deliver. */
  const recover = () => {
    if (!maySend() || !isEnabled()) return;
    store.drain(() => {
      keepBounds();
      delivery.pump();
    });
  };

  /** Nothing is wanted from this page: what waits is not sent later either. @param {string} reason */
  const discard = (reason) => {
    flood.flush();
    const waiting = buffer.clear() + store.size();
    if (waiting > 0) counters.count(reason, waiting);
    store.clear(reason);
  };

  const loadConfig = async () => {
    env.clearTimeout(configTimer);
    const attempt = ++asked;
    let config;
    try {
      // One that hangs would take up one of the few connections that the page has.
      const signal = AbortSignal.timeout?.(CONFIG_MS);
      const response = /** @type {Response} */ (await env.fetch?.(address('/config'), { credentials: 'same-origin', headers: headers(), signal }));
      // There are none for this page, then; that it asks too often says nothing of it.
      config = response.ok ? await response.json() : response.status < 500 && response.status !== 429 && {};
    } catch {
      // as without an answer
    }
    if (attempt !== asked || stopped) return;
    if (!config || typeof config !== 'object') {
      configTimer = env.setTimeout(loadConfig, backoff(env.random, attempt));
      return;
    }
    // A pushed one is newer.
    if (!server) server = config;
    const { header, token } = config.csrf || {};
    csrf = header && token ? { [header]: String(token) } : {};
    released = true;
    apply();
    delivery.pump();
  };

  /** @param {any} message one that is no object throws, which ends in the transport */
  const control = ({ type, config, withinMs, requestId, what }) => {
    if (type === 'config' && config && typeof config === 'object') {
      server = config;
      apply();
    }
    if (type === 'flush') flush();
    if (type === 'reconnect') transport.reconnect(withinMs);
    if (type === 'diagnose') transport.tell(`/app/diagnostics/${requestId}`, diagnostics.answer(what));
  };

  const flush = () => {
    flood.flush();
    buffer.flush();
    delivery.pump();
  };

  const leave = () => {
    for (const hook of hideHooks) guard(hook);
    flood.flush();
    buffer.flush();
    session.keep(privacy.isGranted());
    // Before the server has said what may be sent, nothing is.
    if (maySend()) {
      if (!counters.isEmpty() && store.size() === 0 && isEnabled()) {
        put([], { urgent: false, page: '', user: undefined, session: '', dropped: counters.moveTo({}) });
      }
      exit.leave();
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

  apply();
  if (document.visibilityState === 'hidden') transport.hide();
  // The page's own scripts go first: a request is the dearest part of starting.
  env.soon(loadConfig);

  return {
    /** @param {Record<string, any>} event @param {string} [sampleAs] */
    record: (event, sampleAs) => record(event, sampleAs, true),

    /** @param {Options} more */
    configure: (more) => {
      const before = address();
      options = { ...options, ...more };
      apply();
      if (address() === before) return;
      // Another server, with rules of its own.
      server = undefined;
      released = false;
      loadConfig();
      transport.renew();
    },

    /** @param {boolean} granted */
    setConsent: (granted) => {
      privacy.setConsent(granted);
      if (!granted) discard('no-consent');
      apply();
      delivery.pump();
    },

    /** @param {unknown} given */
    setUser: (given) => {
      // What happened before belongs to who was there before.
      buffer.flush();
      const id = given && typeof given === 'object' ? /** @type {any} */ (given).id : given;
      user = id === null || id === undefined ? undefined : cut(id, 200);
      options = { ...options, user: undefined };
      attributes = { ...attributes, user: undefined };
    },

    /** @param {unknown} given */
    setContext: (given) => {
      const copy = snapshot(given, CONTEXT_CHARACTERS);
      const entries = copy && typeof copy === 'object' ? Object.entries(copy) : [];
      context = Object.fromEntries(entries.slice(0, CONTEXT_KEYS));
    },

    /** @param {number} timeoutMs */
    flush: (timeoutMs) => {
      flush();
      return delivery.settled(timeoutMs);
    },

    stop: async () => {
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
      buffer.clear();
    },
  };
};
