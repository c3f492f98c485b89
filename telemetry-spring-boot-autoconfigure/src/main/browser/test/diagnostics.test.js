import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from './support/client.js';
import { createPage, settle } from './support/page.js';

const started = async (choices, options = {}) => {
  const page = createPage(choices);
  Object.assign(page.window, { innerWidth: 800, innerHeight: 600 });
  Object.assign(page.window.navigator, { language: 'de-AT', onLine: true });
  page.window.performance.getEntriesByType = () => [{ type: 'reload', responseStart: 12, loadEventEnd: 345, name: 'https://shop.example/cart?token=1' }];
  const client = createClient({ env: page.env, collectors: [], attributes: {}, options });
  await settle();
  page.socket().connect();
  return { page, client };
};

const ask = async (page, message) => {
  page.socket().message('/user/queue/control', { type: 'diagnose', requestId: 'r-1', ...message });
  await settle();
};
const answers = (page) => page.socket().frames('SEND').filter((frame) => frame.headers.destination === '/app/diagnostics/r-1');
const answer = (page) => JSON.parse(answers(page).at(-1).body);

test('asked how it is, the client tells what was asked and nothing else', async () => {
  const { page } = await started();
  await ask(page, { what: ['environment'] });
  assert.equal(answers(page).length, 1);
  const { environment, ...rest } = answer(page);
  assert.deepEqual(rest, {});
  assert.deepEqual({ ...environment, timeZone: 'z' }, {
    userAgent: 'Test/1.0', language: 'de-AT', viewport: '800x600', online: true, visibility: 'visible', timeZone: 'z',
  });
  await ask(page, {});
  assert.deepEqual(Object.keys(answer(page)), ['environment', 'buffer', 'timings', 'errors']);
});

test('buffer: what waits, what is kept, what is on its way, what was dropped since the page began', async () => {
  const { page, client } = await started();
  client.record({ type: 'error', message: 'on its way' });
  client.record({ type: 'log', level: 'info', message: 'waits' });
  client.record({ type: 'log', level: 'info', message: 'x'.repeat(1000), parts: Array.from({ length: 49 }, () => 'é'.repeat(200)) });
  await settle();
  await ask(page, { what: ['buffer'] });
  assert.deepEqual(answer(page).buffer, { waiting: 2, stored: 1, inFlight: 1, dropped: {} });
});

test('what was dropped is told as often as it is asked, also when a batch has taken the numbers along', async () => {
  const { page, client } = await started({ config: { buffer: { bytes: 4000 } } });
  client.record({ type: 'log', level: 'info', parts: Array.from({ length: 40 }, () => 'x'.repeat(200)) });
  client.record({ type: 'error', message: 'takes the numbers along' });
  await settle();
  await ask(page, { what: ['buffer'] });
  await ask(page, { what: ['buffer'] });
  assert.deepEqual(answer(page).buffer.dropped, { 'too-large': 1 });
});

test('timings: navigation without addresses, and the connection', async () => {
  const { page, client } = await started();
  client.record({ type: 'error', message: 'e' });
  await settle();
  await page.advance(250);
  page.socket().acknowledge(page.socket().batches()[0]);
  await page.advance(1750);
  await ask(page, { what: ['timings'] });
  assert.deepEqual(answer(page).timings, {
    connection: { road: 'socket', forMs: 2000, failures: 0 },
    navigation: { type: 'reload', responseStart: 12, loadEventEnd: 345 },
  });
});

test('errors: those of page and client among the last happenings, cut and masked', async () => {
  const { page, client } = await started();
  for (let i = 0; i < 12; i++) client.record({ type: 'error', subtype: 'javascript', message: `${i} token=abc ` + 'm'.repeat(500) });
  client.record({ type: 'log', message: 'ordinary' });
  client.record({ type: 'log', get message() { throw new RangeError('getter'); } });
  page.socket().drop(1008, 'overloaded');
  await page.advance(2000);
  page.socket().connect();
  await ask(page, { what: ['errors'] });
  const { errors } = answer(page);
  assert.equal(errors.length, 14);
  assert.deepEqual([errors[0].type, errors[0].subtype, errors[0].text.length], ['error', 'javascript', 100]);
  assert.match(errors[0].text, /^0 token=\*\*\* m/);
  assert.deepEqual(errors.slice(12).map(({ type, text }) => [type, text]), [['client', 'RangeError: getter'], ['connection', 'overloaded']]);
});

test('however much there is to tell, an answer stays below 60 KB', async () => {
  const { page, client } = await started();
  page.window.navigator.userAgent = '"'.repeat(100000);
  page.window.navigator.language = '\u0001'.repeat(100000);
  for (let i = 0; i < 50; i++) client.record({ type: 'error', name: '\u0001'.repeat(1000), message: '\u0001'.repeat(1000) });
  await ask(page, {});
  assert.ok(answers(page)[0].body.length < 60000, String(answers(page)[0].body.length));
});

test('a part that can’t be told is left out; a request without sense harms nothing', async () => {
  const { page } = await started();
  page.window.performance.getEntriesByType = () => { throw new Error('no'); };
  Object.defineProperty(page.window, 'navigator', { get: () => { throw new Error('no'); } });
  await ask(page, {});
  assert.deepEqual(Object.keys(answer(page)), ['buffer', 'timings', 'errors']);
  await ask(page, { what: 'everything', requestId: undefined });
  await ask(page, { what: [null, 'secrets'] });
  assert.deepEqual(answer(page), {});
});

test('without the file that answers there is no answer, and the next question may find it', async () => {
  const { page } = await started();
  const { load } = page.env;
  const asked = [];
  page.env.load = async (url) => {
    asked.push(url);
    throw new TypeError('Failed to fetch dynamically imported module');
  };
  await ask(page, {});
  assert.deepEqual(asked, ['https://shop.example/chsk/on-request.mjs']);
  assert.equal(answers(page).length, 0);
  page.env.load = load;
  await ask(page, {});
  assert.equal(answers(page).length, 1);
});
