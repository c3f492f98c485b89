import assert from 'node:assert/strict';
import { test } from 'node:test';
import { all } from '../src/collectors/index.js';
import { boot } from '../src/script.js';
import { shared } from '../src/shared.js';
import { createApi } from './support/api.js';
import { createPage, settle } from './support/page.js';

const api = (page) => createApi(page.window, () => page.env);

const eventsOf = (page) => page.socket().batches().flatMap((batch) => batch.events).map(({ timestamp, ...event }) => event);

test('every call makes the event that the contract names', async () => {
  const page = createPage();
  const { telemetry } = api(page);
  telemetry.init();
  await settle();
  page.socket().connect();
  telemetry.log('info', 'hello', { a: 1 });
  telemetry.track('signed-up', { plan: 'x' });
  telemetry.metric('cart-size', 3, 'items');
  telemetry.feature('export', { format: 'csv' });
  telemetry.conversion('signup', 'verified', 2);
  telemetry.render('List', 45, 100);
  telemetry.error('plain', { b: 2 });
  telemetry.error(new TypeError('typed'));
  await page.advance(6000);
  const events = eventsOf(page);
  assert.deepEqual(events.filter((event) => event.type !== 'error'), [
    { type: 'log', level: 'info', message: 'hello', context: { a: 1 } },
    { type: 'analytics', subtype: 'custom', eventName: 'signed-up', properties: { plan: 'x' } },
    { type: 'metric', subtype: 'custom', metricName: 'cart-size', value: 3, unit: 'items' },
    { type: 'analytics', subtype: 'feature-usage', feature: 'export', properties: { format: 'csv' } },
    { type: 'analytics', subtype: 'conversion', funnel: 'signup', step: 'verified', value: 2 },
    { type: 'metric', subtype: 'render', component: 'List', renderMs: 45, itemsCount: 100 },
  ]);
  const [{ trail, ...plain }, typed] = events.filter((event) => event.type === 'error');
  assert.deepEqual(plain, { type: 'error', message: 'plain', context: { b: 2 } });
  assert.equal(typed.name, 'TypeError');
  assert.match(typed.stack, /api\.test/);
});

test('calls before init are kept for it, with their own time, up to a bound', async () => {
  const page = createPage();
  const { telemetry } = api(page);
  for (let i = 0; i < 150; i++) telemetry.log('info', `m${i}`);
  await new Promise((resolve) => setImmediate(resolve));
  telemetry.init();
  await settle();
  page.socket().connect();
  await page.advance(6000);
  assert.equal(eventsOf(page).length, 100);
});

test('nothing that is handed in throws into the page', async () => {
  const page = createPage();
  const { telemetry } = api(page);
  const hostile = new Proxy({}, { get: () => { throw new Error('no'); }, ownKeys: () => { throw new Error('no'); } });
  for (const round of [1, 2]) {
    for (const value of [undefined, null, 0, Symbol('s'), hostile, () => {}, Object.create(null)]) {
      const any = /** @type {any} */ (value);
      telemetry.log(any, any, any);
      telemetry.error(any, any);
      telemetry.track(any, any);
      telemetry.metric(any, any, any);
      telemetry.setUser(any);
      telemetry.setContext(any);
    }
    if (round === 1) telemetry.init();
  }
  telemetry.init(/** @type {any} */ (hostile));
  const flushed = telemetry.flush(0);
  await page.advance(100);
  assert.equal(await flushed, false);
});

test('consent is kept whenever it is said, also across a stop, and anything but true is a refusal', async () => {
  for (const given of [false, undefined, null, 1, 'true', Symbol('s')]) {
    const page = createPage();
    const { telemetry } = api(page);
    for (let i = 0; i < 150; i++) telemetry.log('info', `m${i}`);
    telemetry.setConsent(/** @type {any} */ (given));
    telemetry.init();
    await page.advance(10000);
    assert.equal(page.sockets().length, 0, String(given));
    const stopped = telemetry.stop();
    await page.advance(5000);
    await stopped;
    telemetry.init();
    await page.advance(10000);
    assert.equal(page.sockets().length, 0);
    telemetry.setConsent(true);
    assert.equal(page.sockets().length, 1);
  }
});

test('flush with a time that is none settles', async () => {
  const page = createPage();
  const { telemetry } = api(page);
  telemetry.init();
  telemetry.log('info', 'm');
  for (const time of [Symbol('s'), { valueOf: () => { throw new Error('no'); } }, 'x', NaN]) {
    const flushed = telemetry.flush(/** @type {any} */ (time));
    await page.advance(100);
    assert.equal(await flushed, false);
  }
});

test('an object that reports while it is copied does not run in circles', async () => {
  const page = createPage();
  const { telemetry } = api(page);
  telemetry.init();
  await settle();
  page.socket().connect();
  const loud = { toJSON: () => { telemetry.log('info', 'inner', loud); return 1; } };
  telemetry.log('info', 'outer', { loud });
  await page.advance(6000);
  assert.deepEqual(eventsOf(page).map((event) => event.message), ['outer']);
});

test('stop gives the same promise again, restores the page, and init starts anew', async () => {
  const page = createPage();
  const { warn, error } = page.window.console;
  const { fetch } = page.window;
  const { telemetry, start } = api(page);
  start(all, () => ({}), {});
  await settle();
  assert.notEqual(page.window.fetch, fetch);
  const first = telemetry.stop();
  assert.equal(telemetry.stop(), first);
  assert.equal(page.window.fetch, fetch);
  assert.equal(page.window.console.warn, warn);
  assert.equal(page.window.console.error, error);
  await page.advance(5000);
  await first;
  telemetry.log('info', 'after');
  start(all, () => ({}), {});
  await settle();
  assert.equal(page.sockets().length, 2);
  assert.notEqual(page.window.fetch, fetch);
});

test('stop and flush without a running client settle at once', async () => {
  const { telemetry } = api(createPage());
  await telemetry.stop();
  assert.equal(await telemetry.flush(), true);
});

test('one client for all copies on a page: the second does nothing and gives the first', () => {
  const page = createPage();
  const { window } = page;
  let starts = 0;
  const first = shared(window);
  first.start = () => void starts++;
  boot(window);
  const { Telemetry } = window;
  boot(window);
  assert.equal(window.Telemetry, Telemetry);
  assert.equal(shared(window), first);
  assert.equal(starts, 1);
});
