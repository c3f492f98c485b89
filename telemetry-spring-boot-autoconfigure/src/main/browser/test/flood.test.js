import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from './support/client.js';
import { createFlood } from '../src/flood.js';
import { createPage, settle } from './support/page.js';

const flooded = () => {
  const page = createPage();
  const out = [];
  const counts = {};
  const count = (reason, n = 1) => (counts[reason] = (counts[reason] || 0) + n);
  return { page, out, counts, flood: createFlood(page.env, count, (event) => out.push(event)) };
};

const failure = (message = 'e', line = 1) => ({ type: 'error', subtype: 'javascript', message, location: { url: 'u', line, column: 1 } });

test('equal errors: the first at once, the others as one with their count when the window ends', async () => {
  const { page, out, flood } = flooded();
  for (let i = 0; i < 1000; i++) flood.take({ ...failure(), i });
  assert.deepEqual(out, [{ ...failure(), i: 0 }]);
  await page.advance(10000);
  assert.deepEqual(out.slice(1), [{ ...failure(), i: 999, count: 999 }]);
  flood.take(failure());
  assert.equal(out.length, 3);
  await page.advance(10000);
  assert.equal(out.length, 3);
  assert.equal(page.clock.timers.size, 0);
});

test('another message, another place, another kind is another error; other events are never folded', () => {
  const { out, flood } = flooded();
  flood.take(failure());
  flood.take(failure('other'));
  flood.take(failure('e', 2));
  flood.take({ ...failure(), subtype: 'console' });
  flood.take({ ...failure(), name: 'TypeError' });
  for (let i = 0; i < 3; i++) flood.take({ type: 'log', message: 'same' });
  assert.equal(out.length, 8);
});

test('what is held back comes out when the page goes, and is forgotten when the client stops', () => {
  const { page, out, flood } = flooded();
  for (let i = 0; i < 3; i++) flood.take(failure());
  flood.flush();
  assert.deepEqual(out.map((event) => event.count), [undefined, 2]);
  for (let i = 0; i < 3; i++) flood.take(failure());
  flood.close();
  assert.equal(page.clock.timers.size, 0);
  assert.equal(out.length, 3);
});

test('more different errors than are watched go singly, within their bound', async () => {
  const { page, out, counts, flood } = flooded();
  for (let i = 0; i < 500; i++) flood.take(failure(`e${i}`));
  assert.equal(out.length, 50);
  assert.equal(counts.flood, 450);
  await page.advance(1000);
  for (let i = 0; i < 500; i++) flood.take(failure(`f${i}`));
  assert.equal(out.length, 60);
});

test('a burst, then so many a second: errors, calls of the page and all others each have their own', async () => {
  const { page, out, counts, flood } = flooded();
  const ordinary = { type: 'metric' };
  for (let i = 0; i < 150; i++) flood.take(ordinary);
  assert.equal(out.length, 100);
  flood.take(failure());
  for (let i = 0; i < 6000; i++) flood.take({ type: 'log' }, true);
  assert.equal(out.length, 5101);
  assert.equal(counts.flood, 1050);
  await page.advance(1000);
  for (let i = 0; i < 50; i++) flood.take(ordinary);
  assert.equal(out.length, 5121);
});

test('folded errors arrive with the client’s own flush and when it leaves', async () => {
  const page = createPage();
  const client = createClient({ env: page.env, collectors: [], attributes: {}, options: {} });
  await settle();
  page.socket().connect();
  for (let i = 0; i < 5; i++) client.record(failure());
  client.flush(0);
  await settle();
  assert.deepEqual(page.socket().batches().flatMap((batch) => batch.events.map((event) => event.count)), [undefined, 4]);
  for (let i = 0; i < 5; i++) client.record(failure());
  page.hide();
  await settle();
  assert.deepEqual(page.posts().flatMap((post) => post.json().events.map((event) => event.count)).filter(Boolean).sort(), [4, 4]);
});

test('after a long silence the next event begins another session, on a connection of its own', async () => {
  const page = createPage();
  const options = { session: { idleMs: 3000 }, buffer: { flushMs: 100 } };
  const client = createClient({ env: page.env, collectors: [], attributes: {}, options });
  await settle();
  page.socket().connect();
  for (const message of ['a', 'b', 'c']) {
    client.record({ type: 'log', message });
    await page.advance(2000);
  }
  const [{ session }] = page.socket().batches();
  assert.deepEqual(page.socket().batches().map((batch) => [batch.session.id, batch.events[0].message]), [[session.id, 'a'], [session.id, 'b'], [session.id, 'c']]);
  client.record({ type: 'log', message: 'd' });
  await page.advance(3100);
  client.record({ type: 'log', message: 'e' });
  assert.equal(page.sockets()[0].closedWith, 1000);
  page.socket().connect();
  await page.advance(200);
  assert.equal(page.sockets().length, 2);
  const batch = page.socket().batches().find((one) => one.events[0].message === 'e');
  assert.notEqual(batch.session.id, session.id);
  assert.equal(page.socket().frames('CONNECT')[0].headers['session-id'], batch.session.id);
  assert.equal(page.stored.get('io.telemetry.session').split(' ')[0], batch.session.id);
  // What was not answered for goes again, as what it was.
  assert.ok(page.posts().every((post) => post.json().session.id === session.id));
});

test('a tab that was left for too long, and opened again, is another session; one that was not is the same', async () => {
  for (const [later, same] of [[60000, true], [3600000, false]]) {
    const page = createPage();
    page.stored.set('io.telemetry.session', `of-yesterday ${page.env.now() - later}`);
    const client = createClient({ env: page.env, collectors: [], attributes: {}, options: {} });
    await settle();
    page.socket().connect();
    client.record(failure());
    await settle();
    page.socket().connect();
    await settle();
    assert.equal(page.socket().batches()[0].session.id === 'of-yesterday', same);
  }
});

test('the tab’s storage is not touched before something happens', async () => {
  let touched = 0;
  const page = createPage({ storage: () => (touched++, {}) });
  const client = createClient({ env: page.env, collectors: [], attributes: {}, options: {} });
  assert.equal(touched, 0);
  client.record(failure());
  assert.ok(touched > 0);
});
