import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createClient } from './support/client.js';
import { createEnvironment } from '../src/environment.js';
import { createPage, settle } from './support/page.js';

const info = (n, size = 0) => ({ type: 'log', level: 'info', message: `m${n}`, context: size ? { text: 'x'.repeat(size) } : undefined });
const messages = (batch) => batch.events.map((event) => event.message);

/** Compresses when told to. */
const createPress = () => {
  const jobs = [];
  return {
    gzip: (text) => new Promise((resolve, reject) => jobs.push({ text, done: (packed) => resolve(new TextEncoder().encode(packed)), fail: reject })),
    jobs,
  };
};

const started = async (gzip, sockets = true) => {
  const page = createPage();
  Object.assign(page.env, { gzip });
  if (!sockets) page.env.WebSocket = undefined;
  const client = createClient({ env: page.env, collectors: [], attributes: {}, options: {} });
  await settle();
  if (sockets) page.socket().connect();
  await settle();
  const say = async (n, size) => {
    client.record(info(n, size));
    client.flush(1);
    await settle();
  };
  return { page, client, say, sent: () => page.socket().frames('SEND') };
};

test('a large batch goes compressed on a binary frame, a small one as it is', async () => {
  const press = createPress();
  const { say, sent, page } = await started(press.gzip);
  await say(1);
  assert.equal(press.jobs.length, 0);
  assert.equal(sent()[0].headers['content-encoding'], undefined);
  page.socket().acknowledge(page.socket().batches()[0]);
  await say(2, 2000);
  assert.equal(sent().length, 1);
  press.jobs[0].done('packed');
  await settle();
  assert.equal(sent()[1].headers['content-encoding'], 'gzip');
  assert.equal(sent()[1].headers['content-length'], '6');
  assert.equal(sent()[1].body, 'packed');
});

test('batches keep their order, whichever is packed first', async () => {
  const press = createPress();
  const { say, sent } = await started(press.gzip);
  await say(1, 2000);
  await say(2, 3000);
  await say(3);
  press.jobs[1].done('second');
  await settle();
  assert.equal(sent().length, 0);
  press.jobs[0].done('first');
  await settle();
  assert.deepEqual(sent().map((frame) => frame.body).slice(0, 2), ['first', 'second']);
  assert.deepEqual(messages(JSON.parse(sent()[2].body)), ['m3']);
  await say(4);
  assert.equal(sent().length, 4, 'and then nothing waits any more');
});

test('what does not get smaller, or fails, goes as it is', async () => {
  const press = createPress();
  const { say, sent } = await started(press.gzip);
  await say(1, 2000);
  await say(2, 2000);
  press.jobs[0].done('x'.repeat(9000));
  press.jobs[1].fail(new Error('no'));
  await settle();
  assert.deepEqual(sent().map((frame) => frame.headers['content-encoding']), [undefined, undefined]);
  assert.deepEqual(sent().map((frame) => messages(JSON.parse(frame.body))), [['m1'], ['m2']]);
});

test('by POST as well', async () => {
  const press = createPress();
  const { page, say } = await started(press.gzip, false);
  await say(1, 2000);
  press.jobs[0].done('packed');
  await settle();
  const [post] = page.posts();
  assert.equal(post.headers['content-encoding'], 'gzip');
  assert.equal(new TextDecoder().decode(post.body), 'packed');
});

test('a page that is left while a batch is being packed sends it plain, and nothing on the closed socket', async () => {
  const press = createPress();
  const { page, say, sent } = await started(press.gzip);
  await say(1, 2000);
  page.dispatch(page.window, 'pagehide', { persisted: false });
  const [post] = page.posts();
  assert.equal(post.headers['content-encoding'], undefined);
  assert.deepEqual(messages(post.json()), ['m1']);
  press.jobs[0].done('packed');
  await settle();
  assert.equal(sent().length, 0);
});

test('a connection that goes while a batch is being packed: it goes again on the next one', async () => {
  const press = createPress();
  const { page, say } = await started(press.gzip);
  await say(1, 2000);
  page.socket().drop();
  press.jobs[0].done('packed');
  await page.advance(1500);
  page.socket().connect();
  await settle();
  press.jobs[1].done('again');
  await settle();
  assert.deepEqual(page.socket().frames('SEND').map((frame) => frame.body), ['again']);
});

test('the browser’s own compression gives what gzip reads', async () => {
  const page = createPage();
  Object.assign(page.window, { CompressionStream, Response, crypto, queueMicrotask, setTimeout, clearTimeout });
  const { gzip } = createEnvironment(page.window);
  assert.equal(gunzipSync(await gzip('"ä" '.repeat(500))).toString(), '"ä" '.repeat(500));
});
