import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toJson } from '../src/json.js';
import { snapshot } from '../src/snapshot.js';
import { all } from '../src/collectors/index.js';
import { consoleCalls } from '../src/collectors/console.js';
import { errors } from '../src/collectors/errors.js';
import { fetchCalls } from '../src/collectors/fetch.js';
import { reports } from '../src/collectors/reports.js';
import { resources } from '../src/collectors/resources.js';
import { xhrCalls } from '../src/collectors/xhr.js';
import { createApi } from './support/api.js';
import { createPage, settle } from './support/page.js';

const eventsOf = (page) => page.socket().batches().flatMap((batch) => batch.events);

const start = async (calls, page = createPage()) => {
  const { telemetry, start } = createApi(page.window, () => page.env);
  start([], () => ({}), {}, calls);
  await settle();
  page.socket().connect();
  return { page, telemetry };
};

test('calls of the page from before the script are made up for, with the time they were made at', async () => {
  const { page, telemetry } = await start([
    ['log', ['info', 'first', { a: 1 }], 1700000000001],
    ['error', [new Error('second')], 1700000000002],
    ['setUser', ['u1'], 1700000000003],
    ['track', ['third'], 1700000000004],
  ]);
  telemetry.log('info', 'now');
  await page.advance(6000);
  const times = Object.fromEntries(eventsOf(page).map(({ message, eventName, timestamp }) => [message || eventName, timestamp]));
  assert.equal(times.first, 1700000000001);
  assert.equal(times.second, 1700000000002);
  assert.equal(times.third, 1700000000004);
  assert.ok(times.now > 1767225600000);
  assert.equal(page.socket().batches().find(({ events }) => events.some(({ eventName }) => eventName)).user.id, 'u1');
});

test('an init among them comes before anything is sent', async () => {
  const page = createPage();
  await start([['log', ['info', 'x'], 1], ['init', [{ path: '/other' }], 2]], page);
  assert.equal(page.requests[0].url, 'https://shop.example/other/config');
});

test('what is no call is passed over, and spoils neither the others nor their time', async () => {
  const { page, telemetry } = await start([null, 7, ['nothing', [], 5], ['log', 'no list', 6], ['log', ['info', 'fine'], 1700000000007]]);
  telemetry.log('info', 'now');
  await page.advance(6000);
  const [fine, now] = eventsOf(page).filter(({ message }) => message === 'fine' || message === 'now');
  assert.equal(fine.timestamp, 1700000000007);
  assert.ok(now.timestamp > 1767225600000);
});

const VALUES = [1, 'a"b\n', null, true, [1, [undefined, 2], []], { a: undefined, b: { c: [{}] }, 'd"': 'é €' }, {}, []];

test('our JSON is the browser\'s', () => {
  for (const value of VALUES) assert.equal(toJson(value), JSON.stringify(value));
});

test('a toJSON on every object and array changes nothing', () => {
  const expected = VALUES.map((value) => JSON.stringify(value));
  const prototypes = [Object.prototype, Array.prototype];
  try {
    for (const prototype of prototypes) {
      Object.defineProperty(prototype, 'toJSON', { configurable: true, value: () => '"old"' });
    }
    VALUES.forEach((value, i) => assert.equal(toJson(snapshot(value)).replaceAll('[undefined', '[null'), expected[i]));
  } finally {
    for (const prototype of prototypes) delete prototype.toJSON;
  }
});

/** What is due when the page's task is done waits here. */
const beginLate = (collectors, options = {}) => {
  const page = createPage();
  const later = [];
  page.env.soon = (work) => void later.push(work);
  const api = createApi(page.window, () => page.env);
  api.start(collectors, () => ({}), options);
  const finish = async () => {
    while (later.length > 0) later.shift()();
    await settle();
  };
  const deliver = async () => {
    await finish();
    page.socket().connect();
    await page.advance(6000);
    return eventsOf(page);
  };
  return { page, ...api, finish, deliver };
};

test('the client comes when the task is done; until then only those watch that could not learn later what they missed', async () => {
  const log = [];
  const watcher = (name, early) => ({ setting: name, early, install: () => void log.push(name) });
  const { page, finish } = beginLate([watcher('one', true), watcher('two')]);
  assert.deepEqual(log, ['one']);
  assert.deepEqual(page.requests, []);
  await finish();
  assert.deepEqual(log, ['one', 'two']);
  assert.equal(page.requests.length, 1);
});

test('what happens in the task is collected as it was then, after what the page has said of itself', async () => {
  const { page, telemetry, deliver } = beginLate([consoleCalls]);
  telemetry.setUser('u1');
  telemetry.setContext({ plan: 'pro' });
  const cart = { items: 1 };
  telemetry.log('info', 'logged', cart);
  page.window.console.error('printed', cart);
  cart.items = 2;
  const [printed, logged] = await deliver();
  assert.deepEqual([logged.message, logged.context], ['logged', { plan: 'pro', items: 1 }]);
  assert.deepEqual([printed.message, printed.args[1], printed.context], ['printed {"items":1}', { items: 1 }, { plan: 'pro' }]);
  assert.ok(page.socket().batches().every(({ user }) => user.id === 'u1'));
});

test('what the page switches off or forbids in the task is not collected in it', async () => {
  for (const say of [
    ({ telemetry }) => telemetry.init({ collect: { console: false } }),
    ({ telemetry }) => telemetry.disable(),
    ({ telemetry }) => telemetry.setConsent(false),
    ({ telemetry }) => void telemetry.stop(),
  ]) {
    const late = beginLate([consoleCalls]);
    say(late);
    late.page.window.console.error('printed');
    await late.finish();
    late.page.sockets().forEach((socket) => socket.connect());
    await late.page.advance(10000);
    assert.deepEqual(late.page.sockets().flatMap((socket) => socket.batches()).flatMap(({ events }) => events), []);
  }
  for (const options of [{ collect: { console: false } }, { enabled: false }]) {
    const { page, finish } = beginLate([consoleCalls], options);
    const { error } = page.window.console;
    await finish();
    assert.equal(page.window.console.error, error);
  }
});

test('what a page that is left within its first task has seen is kept for the next one', async () => {
  const { page, telemetry } = beginLate([]);
  const kept = {};
  page.env.local = () => kept;
  telemetry.error(new Error('at once'));
  page.hide();
  await settle();
  assert.deepEqual(page.posts(), [], 'nobody knows yet whether it may be sent');
  assert.match(Object.values(kept).join(), /at once/);
});

test('a collector that is asked for from the start has the client at once', async () => {
  const log = [];
  const asking = { setting: 'scroll', install: ({ load }) => load((more) => void log.push(Object.keys(more).includes('scroll'))) };
  await beginLate([asking], { collect: { scroll: true } }).finish();
  assert.deepEqual(log, [true]);
});

test('of the collectors those are early that can learn nothing later', () => {
  const early = all.filter((collector) => collector.early);
  assert.deepEqual(early, [errors, resources, reports, consoleCalls, fetchCalls, xhrCalls]);
});
