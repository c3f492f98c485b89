import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toJson } from '../src/json.js';
import { snapshot } from '../src/snapshot.js';
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
