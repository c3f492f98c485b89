import assert from 'node:assert/strict';
import { test } from 'node:test';
import { all } from '../src/collectors/index.js';
import { createClient } from './support/client.js';
import { DEFAULTS, effective } from '../src/settings.js';
import { pathOf, readAttributes } from '../src/attributes.js';
import { createPage, settle } from './support/page.js';

const collector = (setting = 'errors') => {
  const state = { installed: 0, record: undefined };
  return {
    state,
    name: setting,
    setting,
    install: ({ record }) => {
      state.installed++;
      state.record = record;
      return () => void state.installed--;
    },
  };
};

const client = (page, options = {}, collectors = []) => createClient({ env: page.env, collectors, attributes: {}, options });
const info = () => ({ type: 'log', level: 'info', message: 'm' });

test('the defaults are those of the contract', () => {
  const { asks, mask, ...settings } = effective(undefined, undefined, undefined);
  assert.deepEqual(['requireConsent', 'respectGpc', 'respectDnt'].filter(asks), []);
  assert.deepEqual(settings, {
    enabled: true,
    sampling: { default: 1, 'page-load': 1, 'api-call': 0.1, click: 0.01, scroll: 0.001 },
    collect: { attribution: false, scroll: false, mouse: false },
    session: { rate: 1, idleMs: 1800000 },
    buffer: { events: 100, flushMs: 5000, bytes: 60000, stored: 1000 },
  });
});

test('everything is collected but what has to be asked for', () => {
  const names = ['errors', 'console', 'network', 'performance', 'interactions', 'navigation', 'attribution', 'scroll', 'mouse'];
  assert.deepEqual([...new Set(all.map((collector) => collector.setting))].sort(), [...names].sort());
  const collectors = names.map((name) => collector(name));
  client(createPage(), {}, collectors);
  assert.deepEqual(collectors.filter(({ state }) => !state.installed).map(({ name }) => name), ['attribution', 'scroll', 'mouse']);
});

test('init beats attributes, attributes beat the server, key by key', () => {
  const settings = effective(
    { sampling: { default: 0.1, click: 0.1, x: 0.1 }, collect: { console: false } },
    { sampling: { default: 0.2, click: 0.2 } },
    { sampling: { default: 0.3 } },
  );
  assert.deepEqual(settings.sampling, { ...DEFAULTS.sampling, default: 0.3, click: 0.2, x: 0.1 });
  assert.equal(settings.collect.console, false);
});

test('the server’s enabled:false always wins, and anybody may switch off', () => {
  assert.equal(effective({ enabled: false }, {}, { enabled: true }).enabled, false);
  assert.equal(effective({ enabled: true }, {}, { enabled: false }).enabled, false);
  assert.equal(effective({ enabled: true }, {}, { enabled: true }).enabled, true);
});

test('limits of the server are upper bounds, and all stay within what a page can bear', () => {
  assert.equal(effective({ buffer: { events: 50 } }, {}, { buffer: { events: 80 } }).buffer.events, 50);
  assert.equal(effective({ buffer: { events: 50 } }, {}, { buffer: { events: 20 } }).buffer.events, 20);
  const wild = effective({}, {}, { buffer: { events: 1e9, flushMs: 0, bytes: 1e9, stored: 1e9 } }).buffer;
  assert.deepEqual(wild, { events: 1000, flushMs: 100, bytes: 60000, stored: 10000 });
  assert.equal(effective({}, {}, { buffer: { events: 500, stored: 10 } }).buffer.events, 10);
});

/** @param {any[]} layers */
const plain = (...layers) => {
  const { asks, mask, ...settings } = effective(layers[0], layers[1], layers[2]);
  return settings;
};

test('values of the wrong type are as good as absent', () => {
  const bad = { sampling: { default: '1', click: NaN, scroll: -1 }, collect: { errors: 'no' }, buffer: { events: null }, enabled: 'x' };
  assert.deepEqual(plain(bad), plain());
  for (const layer of ['text', 7, [], { sampling: 7, buffer: 'x', collect: null }]) {
    assert.deepEqual(plain(layer), plain());
  }
  effective(JSON.parse('{"sampling":{"__proto__":{"polluted":1}}}'), undefined, undefined);
  assert.equal(/** @type {any} */ ({}).polluted, undefined);
});

test('the path comes from the script’s own address, context path included', () => {
  const { window } = createPage();
  assert.equal(pathOf(window, 'https://shop.example/chsk/client.js?v=1'), 'https://shop.example/chsk');
  assert.equal(pathOf(window, 'https://shop.example/shop/chsk/client.mjs'), 'https://shop.example/shop/chsk');
  assert.equal(pathOf(window, 'https://cdn.example/x/client.js'), '/chsk');
  assert.equal(pathOf(window, 'https://shop.example/assets/index-123.js'), '/chsk');
  assert.equal(pathOf(window, undefined), '/chsk');
});

test('attributes of the tag are read', () => {
  const { window } = createPage();
  const dataset = { path: '/p', key: 'k', user: 'u', release: 'r', environment: 'e', debug: '' };
  const privacy = { requireConsent: false };
  assert.deepEqual(readAttributes(window, { src: '', dataset }), { ...dataset, debug: true, privacy });
  assert.equal(readAttributes(window, { src: '', dataset: { consent: 'required' } }).privacy.requireConsent, true);
  assert.equal(readAttributes(window, { src: 'https://shop.example/a/client.js', dataset: { debug: 'false' } }).debug, false);
  assert.equal(readAttributes(window, null).path, '/chsk');
});

test('collecting begins before the server has answered; sending waits for it', async () => {
  const page = createPage();
  let answer = (/** @type {any} */ _) => {};
  page.network.answer = () => new Promise((resolve) => (answer = resolve));
  const errors = collector();
  client(page, {}, [errors]);
  assert.equal(errors.state.installed, 1);
  errors.state.record({ type: 'error', message: 'early' });
  await settle();
  assert.equal(page.sockets().length, 0);
  answer(Response.json({}));
  await settle();
  page.socket().connect();
  await settle();
  assert.equal(page.socket().batches()[0].events[0].message, 'early');
});

test('settings that can’t be had are asked for again and again, and nothing is sent before', async () => {
  const away = [
    () => { throw new TypeError('offline'); },
    () => new Response('', { status: 503 }),
    () => new Response('', { status: 429 }),
    () => new Response('a login page'),
    () => Response.json(null),
  ];
  for (const answer of away) {
    const page = createPage();
    page.network.answer = answer;
    const running = client(page);
    running.record(info());
    await page.advance(100000);
    assert.ok(page.requests.length > 4 && page.requests.length < 20, String(page.requests.length));
    page.hide();
    page.show();
    assert.equal(page.sockets().length, 0);
    assert.equal(page.posts().length, 0);
    page.network.answer = () => Response.json({});
    await page.advance(30000);
    page.socket().connect();
    await settle();
    assert.equal(page.socket().batches()[0].events[0].message, 'm');
  }
});

test('a request for the settings is bounded in time', async () => {
  const page = createPage();
  client(page);
  await settle();
  assert.ok(page.requests[0].signal instanceof AbortSignal);
});

test('where there are no settings for this page, the defaults stand', async () => {
  for (const status of [401, 403, 404]) {
    const page = createPage();
    page.network.answer = () => new Response('', { status });
    client(page);
    await settle();
    assert.equal(page.sockets().length, 1);
    assert.equal(page.clock.timers.size, 1, 'the one for CONNECTED');
  }
});

test('switched off by the server: nothing stays installed, nothing connects, nothing is sent, not even on leaving', async () => {
  const page = createPage({ config: { enabled: false } });
  const errors = collector();
  const running = client(page, { enabled: true }, [errors]);
  errors.state.record({ type: 'error', message: 'early' });
  await settle();
  assert.equal(errors.state.installed, 0);
  running.configure({ enabled: true });
  running.record({ type: 'error', message: 'late' });
  page.hide();
  page.dispatch(page.window, 'pagehide', {});
  await page.advance(100000);
  assert.equal(page.sockets().length, 0);
  assert.equal(page.posts().length, 0);
});

test('pushed settings replace the server’s part: off, and on again over the same connection', async () => {
  const page = createPage({ config: { collect: { console: false } } });
  const errors = collector();
  const console = collector('console');
  const running = client(page, { sampling: { default: 1 } }, [errors, console]);
  await settle();
  page.socket().connect();
  assert.deepEqual([errors.state.installed, console.state.installed], [1, 0]);
  page.socket().message('/user/queue/control', { type: 'config', config: { enabled: false } });
  assert.deepEqual([errors.state.installed, console.state.installed], [0, 0]);
  running.record(info());
  page.socket().message('/user/queue/control', { type: 'config', config: { sampling: { default: 0 } } });
  assert.deepEqual([errors.state.installed, console.state.installed], [1, 1]);
  running.record(info());
  await page.advance(6000);
  assert.equal(page.sockets().length, 1);
  assert.equal(page.socket().batches().flatMap((batch) => batch.events).length, 1, 'the page’s own sampling still beats the server’s');
});

test('a page that is paused live stays within hearing, one that is off for good does not, nor one that wants none', async () => {
  const page = createPage({ config: { enabled: false, stay: true } });
  const running = client(page);
  await settle();
  page.socket().connect();
  running.record(info());
  page.socket().message('/user/queue/control', { type: 'config', config: { enabled: true } });
  running.record({ ...info(), message: 'again' });
  await page.advance(6000);
  assert.deepEqual(page.socket().batches().flatMap((batch) => batch.events.map((event) => event.message)), ['again']);

  const unwilling = createPage({ config: { enabled: false, stay: true } });
  client(unwilling, { enabled: false });
  await unwilling.advance(10000);
  assert.equal(unwilling.sockets().length, 0);
});

test('a share of sessions: the same session is always in or always out, and a live change decides anew', async () => {
  let kept = 0;
  for (let i = 0; i < 1000; i++) {
    const id = `${(i * 2654435761) % 2 ** 32}-${i}`;
    const page = createPage({ storage: () => ({ 'io.telemetry.session': id }) });
    const errors = collector();
    client(page, { session: { rate: 0.3 } }, [errors]);
    kept += errors.state.installed;
  }
  assert.ok(kept > 230 && kept < 370, String(kept));
  const page = createPage();
  const errors = collector();
  client(page, {}, [errors]);
  await settle();
  page.socket().connect();
  page.socket().message('/user/queue/control', { type: 'config', config: { session: { rate: 0 } } });
  assert.equal(errors.state.installed, 0);
  page.socket().message('/user/queue/control', { type: 'config', config: {} });
  assert.equal(errors.state.installed, 1);
});

test('disable and enable by the page: what came before is delivered, nothing in between is collected', async () => {
  const page = createPage();
  const errors = collector();
  const running = client(page, {}, [errors]);
  await settle();
  page.socket().connect();
  running.record(info());
  running.configure({ enabled: false });
  assert.equal(errors.state.installed, 0);
  running.record({ ...info(), message: 'between' });
  running.configure({ enabled: true });
  assert.equal(errors.state.installed, 1);
  await page.advance(6000);
  assert.deepEqual(page.socket().batches().flatMap((batch) => batch.events.map((event) => event.message)), ['m']);
});

test('a page that begins disabled opens no connection until it is enabled', async () => {
  const page = createPage();
  const running = client(page, { enabled: false });
  await page.advance(10000);
  assert.equal(page.sockets().length, 0);
  running.configure({ enabled: true });
  assert.equal(page.sockets().length, 1);
});

test('another path by init moves the connection', async () => {
  const page = createPage();
  const running = client(page);
  await settle();
  page.socket().connect();
  running.configure({ path: '/other/' });
  await page.advance(1000);
  assert.deepEqual(page.sockets().map((socket) => socket.url), ['wss://shop.example/chsk', 'wss://shop.example/other']);
});

test('sampling goes by subtype or finer name, says its rate, and never touches errors and urgent events', async () => {
  const page = createPage({ random: () => 0.05 });
  const running = client(page, { sampling: { default: 0 } });
  await settle();
  page.socket().connect();
  running.record({ type: 'metric', subtype: 'api-call', message: 'kept at 0.1' });
  running.record({ type: 'analytics', subtype: 'user-action', message: 'click' }, 'click');
  running.record({ ...info(), message: 'default 0' });
  running.record({ ...info(), message: 'decided before', sampleRate: 0.25 });
  running.record({ type: 'metric', subtype: 'api-call', message: 'decided against', sampleRate: 0 });
  running.record({ type: 'error', subtype: 'api-call', message: 'error' });
  running.record({ type: 'log', severity: 'high', message: 'urgent' });
  await page.advance(6000);
  const events = page.socket().batches().flatMap((batch) => batch.events);
  assert.deepEqual(events.map((event) => [event.message, event.sampleRate]).sort(), [
    ['decided before', 0.25],
    ['error', undefined],
    ['kept at 0.1', 0.1],
    ['urgent', undefined],
  ]);
});

test('a subtype named like a property of every object goes by the default rate', async () => {
  const page = createPage();
  const running = client(page);
  await settle();
  page.socket().connect();
  running.record({ type: 'analytics', subtype: 'toString', message: 'kept' });
  await page.advance(6000);
  assert.equal(page.socket().batches()[0].events[0].message, 'kept');
});

test('settings that are asked for again because of a token do not undo pushed ones', async () => {
  const page = createPage({ config: { collect: { errors: true } } });
  const errors = collector();
  client(page, {}, [errors]);
  await settle();
  page.socket().connect();
  page.socket().message('/user/queue/control', { type: 'config', config: { collect: { errors: false } } });
  page.socket().receive('ERROR', { message: 'csrf-token' });
  await settle();
  assert.equal(page.requests.length, 2);
  assert.equal(errors.state.installed, 0);
});

test('another path by init: its server is asked, and what the first one says too late is not heard', async () => {
  const page = createPage();
  /** @type {any[]} */
  const answers = [];
  page.network.answer = () => new Promise((resolve) => answers.push(resolve));
  const errors = collector();
  const running = client(page, {}, [errors]);
  running.configure({ path: '/other' });
  await settle();
  answers[1](Response.json({ collect: { errors: false } }));
  await settle();
  answers[0](Response.json({ collect: { errors: true } }));
  await settle();
  assert.equal(errors.state.installed, 0);
  assert.equal(page.socket().url, 'wss://shop.example/other');
});

test('what the server wants of privacy can’t be undone, and each may ask for more', () => {
  const asks = (server, attributes, options) => effective(server, attributes, options).asks('requireConsent');
  assert.equal(asks({ privacy: { requireConsent: true } }, { privacy: { requireConsent: false } }, { privacy: { requireConsent: false } }), true);
  assert.equal(asks({ privacy: { requireConsent: false } }, { privacy: { requireConsent: true } }, {}), true);
  assert.equal(asks({}, {}, { privacy: { requireConsent: true } }), true);
  assert.equal(asks({}, {}, { privacy: { requireConsent: 'yes' } }), false);
  const { mask } = effective({ privacy: { remove: ['iban'] } }, {}, { privacy: { remove: ['loyalty-card', '', 'x', '.*', 7, null] } });
  assert.deepEqual(['iban', 'customerIBAN', 'loyaltyCard', 'loyalty_card', 'password', 'ibanist', 'max', 'anything'].filter(mask.hides),
    ['iban', 'customerIBAN', 'loyaltyCard', 'loyalty_card', 'password']);
});

test('debug prints what is collected to the console as it was before', async () => {
  const page = createPage();
  const running = client(page, { debug: true });
  running.record(info());
  assert.equal(page.printed.length, 1);
  assert.equal(page.printed[0][2].message, 'm');
});

test('a collector that fails to install or to leave harms nothing', async () => {
  const page = createPage();
  const good = collector();
  const running = client(page, {}, [
    { name: 'bad', setting: 'errors', install: () => { throw new Error('no'); } },
    { name: 'worse', setting: 'errors', install: () => () => { throw new Error('no'); } },
    good,
  ]);
  assert.equal(good.state.installed, 1);
  running.configure({ enabled: false });
  assert.equal(good.state.installed, 0);
});
