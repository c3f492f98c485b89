import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from './support/client.js';
import { createPage, settle } from './support/page.js';

const started = async (choices, options = {}) => {
  const page = createPage(choices);
  const client = createClient({ env: page.env, collectors: [], attributes: {}, options });
  await settle();
  page.socket().connect();
  await settle();
  return { page, client };
};

const info = (n = 0, size = 0) => ({ type: 'log', level: 'info', message: `m${n}`, context: size ? { text: 'x'.repeat(size) } : undefined });
const failure = (n = 0) => ({ type: 'error', message: `e${n}` });
const messages = (request) => request.json().events.map((event) => event.message);

test('hidden: what waits goes by keepalive POST, at once and without the socket', async () => {
  const { page, client } = await started();
  client.record(info());
  page.hide();
  const [post] = page.posts();
  assert.equal(post.keepalive, true);
  assert.deepEqual(messages(post), ['m0']);
  await settle();
  assert.equal(page.socket().batches().length, 0);
  page.dispatch(page.window, 'pagehide', { persisted: false });
  assert.equal(page.posts().length, 1, 'and not twice');
});

test('what was sent but not answered goes again with its id; what was answered does not', async () => {
  const { page, client } = await started();
  client.record(failure(1));
  await settle();
  client.record(failure(2));
  await settle();
  const [one, two] = page.socket().batches();
  page.socket().acknowledge(one);
  page.dispatch(page.window, 'pagehide', { persisted: false });
  assert.deepEqual(page.posts().map((post) => post.json().batch), [two.batch]);
});

test('the answer to a keepalive POST counts', async () => {
  const { page, client } = await started();
  client.record(info());
  page.hide();
  await settle();
  page.show();
  await page.advance(200000);
  assert.equal(page.posts().length, 1);
  assert.equal(page.sockets().flatMap((socket) => socket.batches()).length, 0);
});

test('without keepalive a beacon goes, as text/plain; should the page live on, the batch goes again', async () => {
  const { page, client } = await started();
  page.env.keepalive = () => false;
  const [blocked] = [createClient({ env: page.env, collectors: [], attributes: {}, options: {} })];
  await settle();
  page.socket().connect();
  blocked.record(info());
  client.stop();
  page.hide();
  assert.equal(page.posts().length, 0);
  const [beacon] = page.beacons;
  assert.equal(beacon.url, 'https://shop.example/chsk/batch');
  assert.equal(beacon.body.type, 'text/plain');
  const batch = JSON.parse(await beacon.body.text());
  page.show();
  await page.advance(31000);
  assert.deepEqual(page.socket().batches().map((again) => again.batch), [batch.batch]);
});

test('the budget of 60,000 bytes is kept, urgent first, and what does not fit stays', async () => {
  const { page, client } = await started();
  page.socket().drop();
  page.network.answer = () => new Promise(() => {});
  for (let i = 0; i < 90; i++) client.record(info(i, 1000));
  client.record(failure());
  page.hide();
  const sizes = page.posts().map((post) => Buffer.byteLength(post.body));
  assert.ok(sizes.reduce((a, b) => a + b) <= 60000, sizes.join(' '));
  assert.ok(sizes.reduce((a, b) => a + b) > 50000, 'and used');
  assert.deepEqual(messages(page.posts()[0]), ['e0']);
  const sent = page.posts().flatMap(messages).length;
  page.dispatch(page.window, 'pagehide', { persisted: true });
  assert.equal(page.posts().flatMap(messages).length, sent, 'the budget is shared by what is still in flight');
  page.dispatch(page.window, 'pageshow', { persisted: true });
  page.show();
  page.socket().connect();
  await page.advance(40000);
  const arrived = new Set(page.socket().batches().flatMap((batch) => batch.events.map((event) => event.message)));
  assert.equal(arrived.size, 91, 'nothing is lost');
});

test('the budget is free again when a request has ended', async () => {
  const { page, client } = await started();
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 30; i++) client.record(info(i, 1000));
    page.hide();
    await settle();
    page.show();
  }
  assert.equal(page.posts().flatMap(messages).length, 120);
});

test('pagehide closes the socket in order; back from the cache it opens again', async () => {
  const { page, client } = await started();
  const [first] = page.sockets();
  page.dispatch(page.window, 'pagehide', { persisted: true });
  assert.equal(first.closedWith, 1000);
  await page.advance(100000);
  assert.equal(page.sockets().length, 1, 'no reconnect while away');
  page.dispatch(page.window, 'pageshow', { persisted: true });
  await settle();
  assert.equal(page.sockets().length, 2);
  page.socket().connect();
  client.record(failure());
  await settle();
  assert.equal(page.socket().batches().length, 1);
});

test('the first pageshow of a page is not a return', async () => {
  const { page } = await started();
  page.dispatch(page.window, 'pageshow', { persisted: false });
  await page.advance(1000);
  assert.equal(page.sockets().length, 1);
});

test('a tab that stays hidden gives its socket up and delivers by POST until it is shown', async () => {
  const { page, client } = await started();
  page.hide();
  await page.advance(59000);
  assert.equal(page.socket().closedWith, undefined);
  await page.advance(2000);
  assert.equal(page.socket().closedWith, 1000);
  client.record(failure());
  await settle();
  assert.deepEqual(page.posts().map(messages), [['e0']]);
  await page.advance(300000);
  assert.equal(page.sockets().length, 1);
  page.show();
  assert.equal(page.sockets().length, 2);
});

test('counts that no batch took along leave with the page', async () => {
  const { page, client } = await started();
  client.record(failure());
  await settle();
  page.socket().refuse(page.socket().batches()[0].batch, 'malformed');
  page.dispatch(page.window, 'pagehide', { persisted: false });
  const [post] = page.posts();
  assert.deepEqual([post.json().events, post.json().dropped], [[], { malformed: 1 }]);
});

test('stop delivers what waits, closes in order, and leaves no timer and no listener', async () => {
  const { page, client } = await started();
  client.record(info());
  const stopped = client.stop();
  await settle();
  page.socket().acknowledge(page.socket().batches()[0]);
  await stopped;
  assert.equal(page.socket().closedWith, 1000);
  assert.equal(page.posts().length, 0);
  assert.equal(page.clock.timers.size, 0);
  client.record(info());
  page.hide();
  page.dispatch(page.window, 'pagehide', {});
  await page.advance(100000);
  assert.equal(page.posts().length, 0);
  assert.equal(page.sockets().length, 1);
});

test('stop without an answer leaves by keepalive POST in the end', async () => {
  const { page, client } = await started();
  client.record(info());
  const stopped = client.stop();
  await page.advance(3100);
  await stopped;
  assert.deepEqual(page.posts().map(messages), [['m0']]);
});

test('a batch that was sent before keeps its id and its events, or stays', async () => {
  const { page, client } = await started();
  for (let i = 0; i < 30; i++) client.record(info(i, 1500));
  client.flush(1);
  await settle();
  const sent = page.socket().batches().map((batch) => batch.batch);
  for (let i = 30; i < 60; i++) client.record(info(i, 1500));
  client.flush(1);
  await settle();
  sent.push(...page.socket().batches().map((batch) => batch.batch));
  page.network.answer = () => new Promise(() => {});
  page.dispatch(page.window, 'pagehide', { persisted: false });
  assert.equal(page.posts().length, 1);
  assert.ok(page.posts().every((post) => sent.includes(post.json().batch)));
});

test('back from the cache, what left by beacon is in doubt and goes again at once', async () => {
  const page = createPage();
  page.env.keepalive = () => false;
  const client = createClient({ env: page.env, collectors: [], attributes: {}, options: {} });
  await settle();
  page.socket().connect();
  client.record(info());
  page.dispatch(page.window, 'pagehide', { persisted: true });
  assert.equal(page.beacons.length, 1);
  page.dispatch(page.window, 'pageshow', { persisted: true });
  page.socket().connect();
  await settle();
  assert.equal(page.socket().batches().length, 1);
});

test('a page in the cache is not woken by a change of settings', async () => {
  const { page, client } = await started();
  page.dispatch(page.window, 'pagehide', { persisted: true });
  client.configure({ debug: false });
  await page.advance(10000);
  assert.equal(page.sockets().length, 1);
});

test('a tab that was opened in the background rests as well', async () => {
  const page = createPage();
  page.document.visibilityState = 'hidden';
  createClient({ env: page.env, collectors: [], attributes: {}, options: {} });
  await settle();
  page.socket().connect();
  await page.advance(61000);
  assert.equal(page.socket().closedWith, 1000);
});

test('a tab that rested before it went into the cache is awake when it is back', async () => {
  const { page } = await started();
  page.hide();
  await page.advance(61000);
  page.dispatch(page.window, 'pagehide', { persisted: true });
  page.document.visibilityState = 'visible';
  page.dispatch(page.window, 'pageshow', { persisted: true });
  assert.equal(page.sockets().length, 2);
});

test('a tab that is frozen says what it has before', async () => {
  const { page, client } = await started();
  page.document.visibilityState = 'hidden';
  client.record(info());
  page.dispatch(page.document, 'freeze');
  assert.deepEqual(page.posts().map(messages), [['m0']]);
});

test('before the settings have come nothing leaves', async () => {
  const page = createPage();
  const { answer } = page.network;
  page.network.answer = () => new Response('', { status: 503 });
  const client = createClient({ env: page.env, collectors: [], attributes: {}, options: {} });
  client.record(failure());
  await settle();
  page.hide();
  assert.equal(page.posts().length, 0);
  page.network.answer = answer;
  page.show();
  await page.advance(3100);
  page.socket().connect();
  await settle();
  assert.equal(page.socket().batches().length, 1);
});
