import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IDBFactory } from 'fake-indexeddb';
import { createClient } from './support/client.js';
import { createStore } from '../src/store.js';
import { createPage, settle } from './support/page.js';

/** The database works in turns of the event loop. */
const turns = async () => {
  for (let i = 0; i < 40; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** What a browser keeps from page to page. */
const createProfile = () => {
  const local = {};
  const held = new Set();
  return {
    held,
    local,
    indexedDB: new IDBFactory(),
    locks: {
      request: async (name, { ifAvailable }, work) => {
        assert.equal(ifAvailable, true);
        if (held.has(name)) return work(null);
        held.add(name);
        try {
          return await work({ name });
        } finally {
          held.delete(name);
        }
      },
    },
  };
};

const visit = async (profile, options = {}, choices = {}, ready = async (page) => {
  page.socket().connect();
  await turns();
}) => {
  const page = createPage(choices);
  Object.assign(page.env, { indexedDB: () => profile.indexedDB, local: () => profile.local, locks: () => profile.locks });
  const from = `s${Math.random()}`.replace('.', '');
  let ids = 0;
  page.env.id = () => from + ++ids;
  if (choices.sockets === false) page.env.WebSocket = undefined;
  if (choices.silent) page.network.answer = (request) => (request.url.endsWith('/config') ? Response.json({}) : new Promise(() => {}));
  if (choices.env) Object.assign(page.env, choices.env);
  const client = createClient({ env: page.env, collectors: [], attributes: {}, options });
  await settle();
  await turns();
  await ready(page);
  return { page, client };
};

/** What lies on disk, whichever disk. */
const onDisk = async (profile, name = 'chsk https://shop.example/chsk ') => {
  await turns();
  const found = Object.keys(profile.local).map((key) => JSON.parse(profile.local[key]));
  if ((await profile.indexedDB.databases()).length > 0) {
    const db = await new Promise((resolve) => (profile.indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result)));
    const request = db.transaction('q').objectStore('q').getAll();
    await new Promise((resolve) => (request.onsuccess = resolve));
    db.close();
    found.push(...request.result);
  }
  return found;
};

const put = (profile, records) =>
  new Promise((resolve) => {
    const request = profile.indexedDB.open('chsk https://shop.example/chsk ');
    request.onupgradeneeded = () => request.result.createObjectStore('q');
    request.onsuccess = () => {
      const tx = request.result.transaction('q', 'readwrite');
      records.forEach(([key, value]) => tx.objectStore('q').put(value, key));
      tx.oncomplete = () => resolve(request.result.close());
    };
  });

const record = (made, id, messages, importance = 1) => {
  const items = messages.map((message) => ({ json: JSON.stringify({ type: 'log', message }), bytes: 10, importance, urgent: false }));
  return [[made, importance, items.length, items.length * 10, id], { id, made, urgent: false, items, dropped: {}, page: 'https://shop.example/old', user: 'ann', session: 'before', seq: 3 }];
};

const failure = (n = 0) => ({ type: 'error', message: `e${n}` });
const info = (n = 0, size = 0) => ({ type: 'log', level: 'info', message: `m${n}`, context: size ? { text: 'x'.repeat(size) } : undefined });
const messages = (batch) => batch.events.map((event) => event.message);
const texts = (records) => records.flatMap((batch) => batch.items.map((item) => JSON.parse(item.json).message));
const now = 1767225600000;

test('what is answered in time never touches the disk', async () => {
  const profile = createProfile();
  const { page, client } = await visit(profile);
  client.record(failure());
  await settle();
  page.socket().acknowledge(page.socket().batches()[0]);
  await page.advance(10000);
  assert.deepEqual(await onDisk(profile), []);
});

test('an answer that takes more than two seconds puts a batch on disk, its answer takes it away', async () => {
  const profile = createProfile();
  const { page, client } = await visit(profile);
  client.record(failure());
  await page.advance(1900);
  assert.deepEqual(await onDisk(profile), []);
  await page.advance(200);
  assert.deepEqual(texts(await onDisk(profile)), ['e0']);
  page.socket().acknowledge(page.socket().batches()[0]);
  assert.deepEqual(await onDisk(profile), []);
});

test('a lost connection puts all on disk at once, and what comes while it is away', async () => {
  const profile = createProfile();
  const { page, client } = await visit(profile);
  client.record(failure(1));
  await settle();
  page.socket().drop();
  client.record(failure(2));
  assert.deepEqual(texts(await onDisk(profile)).sort(), ['e1', 'e2']);
});

test('more than could leave with the page is put on disk at once', async () => {
  const profile = createProfile();
  const { client } = await visit(profile);
  for (let i = 0; i < 30; i++) client.record(info(i, 1500));
  await settle();
  assert.deepEqual(await onDisk(profile), []);
  for (let i = 30; i < 80; i++) client.record(info(i, 1500));
  assert.ok((await onDisk(profile)).length > 0);
});

test('what leaves with the page stays on disk until it is answered for', async () => {
  const profile = createProfile();
  const { page, client } = await visit(profile);
  let answer;
  page.network.answer = () => new Promise((resolve) => (answer = resolve));
  client.record(info());
  page.hide();
  assert.equal(page.posts().length, 1);
  assert.deepEqual(texts(await onDisk(profile)), ['m0']);
  answer(Response.json({ status: 'accepted' }, { status: 202 }));
  await settle();
  assert.deepEqual(await onDisk(profile), []);
});

test('the next page brings what an earlier one left: same id, session, user, page and release, oldest first', async () => {
  const profile = createProfile();
  const first = await visit(profile, { user: 'ann', release: '1.0' });
  for (let i = 0; i < 3; i++) {
    first.client.record(failure(i));
    await first.page.advance(10);
  }
  first.page.socket().drop();
  await turns();
  const sent = first.page.socket().batches();

  const { page } = await visit(profile, { user: 'bob', release: '2.0' });
  const bodies = () => page.posts().map((post) => post.json());
  await page.advance(1000);
  await turns();
  assert.deepEqual(bodies().map(messages), [['e0'], ['e1'], ['e2']]);
  assert.deepEqual(bodies().map((batch) => batch.batch), sent.map((batch) => batch.batch));
  assert.deepEqual(bodies()[0].session, sent[0].session);
  assert.equal(bodies()[0].session.release, '1.0');
  assert.deepEqual(bodies()[0].user, { id: 'ann' });
  assert.deepEqual(await onDisk(profile), []);
});

test('in the same tab it goes on the socket, in the same session', async () => {
  const profile = createProfile();
  const tab = {};
  const storage = () => tab;
  const first = await visit(profile, {}, { storage, silent: true });
  first.client.record(failure());
  first.page.hide();
  await turns();
  const { page } = await visit(profile, {}, { storage });
  assert.deepEqual(page.socket().batches().map(messages), [['e0']]);
});

test('left before the settings have come: put on disk and not sent', async () => {
  const profile = createProfile();
  const page = createPage();
  page.network.answer = () => new Promise(() => {});
  Object.assign(page.env, { indexedDB: () => profile.indexedDB, local: () => profile.local });
  const client = createClient({ env: page.env, collectors: [], attributes: {}, options: {} });
  client.record(failure());
  page.hide();
  assert.equal(page.posts().length, 0);
  assert.equal(Object.keys(profile.local).length, 1, 'at once, since the page may be gone before a database is open');
  const next = await visit(profile);
  assert.deepEqual(next.page.posts().map((post) => messages(post.json())), [['e0']]);
  assert.deepEqual(await onDisk(profile), []);
});

test('what was written before the database was open moves there: only that survives the end of the browser', async () => {
  const profile = createProfile();
  const { page, client } = await visit(profile, {}, {}, async () => {});
  page.socket().drop();
  client.record(failure());
  await settle();
  await turns();
  assert.deepEqual(profile.local, {});
  assert.deepEqual(texts(await onDisk(profile)), ['e0']);
});

test('a server that wants nothing has it all discarded and counted', async () => {
  const profile = createProfile();
  await put(profile, [record(now - 1000, 'a', ['x', 'y'])]);
  await visit(profile, {}, { config: { enabled: false } }, async () => {});
  assert.deepEqual(await onDisk(profile), []);
});

test('what is older than seven days or unreadable is dropped and counted', async () => {
  const profile = createProfile();
  const [key, value] = record(now - 1000, 'broken', ['x']);
  await put(profile, [record(now - 8 * 86400000, 'old', ['x', 'y']), [key, { ...value, items: 'rubbish' }], record(now - 1000, 'good', ['z'])]);
  const { page, client } = await visit(profile);
  assert.deepEqual(page.posts().map((post) => messages(post.json())), [['z']]);
  client.record(failure());
  await settle();
  assert.deepEqual(page.socket().batches().at(-1).dropped, { 'too-old': 2, unreadable: 1 });
  assert.deepEqual((await onDisk(profile)).map((batch) => batch.id), []);
});

test('the bound is one for all tabs: the least important go first, then the oldest, and are counted', async () => {
  const profile = createProfile();
  const ten = [...Array(10)].map((_, i) => `x${i}`);
  await put(profile, [record(now - 3000, 'error', ten, 3), record(now - 2500, 'older', ten), record(now - 2000, 'newer', ten), record(now - 2000, 'click', ten, 0)]);
  const { page, client } = await visit(profile, { buffer: { stored: 20 } });
  await page.advance(1000);
  await turns();
  assert.deepEqual(page.posts().map((post) => post.json().batch), ['error', 'newer']);
  client.record(failure());
  await settle();
  assert.deepEqual(page.socket().batches().at(-1).dropped, { 'storage-full': 20 });
});

test('two megabytes are a bound as well', async () => {
  const profile = createProfile();
  const big = (made, id) => {
    const [key, value] = record(made, id, ['x']);
    value.items[0].bytes = key[3] = 900000;
    return [key, value];
  };
  await put(profile, [big(now - 3000, 'a'), big(now - 2000, 'b'), big(now - 1000, 'c')]);
  const { page } = await visit(profile);
  await page.advance(1000);
  await turns();
  assert.deepEqual(page.posts().map((post) => post.json().batch), ['b', 'c']);
});

const broken = {
  'a database that throws': { indexedDB: () => ({ open: () => { throw new Error('no'); } }) },
  'a database that is forbidden': { indexedDB: () => { throw new Error('SecurityError'); } },
  'a database that fails': {
    indexedDB: () => ({
      open: () => {
        const request = {};
        setImmediate(() => request.onerror());
        return request;
      },
    }),
  },
  'a database of another version': undefined,
};
for (const [name, env] of Object.entries(broken)) {
  test(`${name}: localStorage takes its place`, async () => {
    const profile = createProfile();
    if (!env) {
      await new Promise((resolve) => (profile.indexedDB.open('chsk https://shop.example/chsk ', 7).onsuccess = ({ target }) => resolve(target.result.close())));
    }
    const { page, client } = await visit(profile, {}, { env });
    client.record(failure());
    await settle();
    page.socket().drop();
    await turns();
    assert.equal(Object.keys(profile.local).length, 1);
    const next = await visit(profile, {}, { env });
    assert.deepEqual(next.page.posts().map((post) => messages(post.json())), [['e0']]);
    await turns();
    assert.deepEqual(profile.local, {});
  });
}

test('a database that never answers: localStorage takes its place, and what it holds is found', async () => {
  const profile = createProfile();
  const env = { indexedDB: () => ({ open: () => ({}) }), locks: () => undefined };
  const { page, client } = await visit(profile, {}, { env });
  client.record(failure());
  await settle();
  page.socket().drop();
  assert.equal(Object.keys(profile.local).length, 1);
  const next = await visit(profile, {}, { env });
  await next.page.advance(4000);
  assert.deepEqual(next.page.posts().map((post) => messages(post.json())), [['e0']]);
});

test('a database that is taken away, or full, falls back with nothing lost', async () => {
  const profile = createProfile();
  const { page, client } = await visit(profile);
  client.record(failure(1));
  await settle();
  page.socket().drop();
  await turns();
  await new Promise((resolve) => (profile.indexedDB.deleteDatabase('chsk https://shop.example/chsk ').onsuccess = resolve));
  client.record(failure(2));
  await turns();
  assert.equal(Object.keys(profile.local).length, 1);
  await page.advance(1500);
  page.socket().connect();
  await settle();
  assert.deepEqual(page.socket().batches().map(messages), [['e1'], ['e2']]);
});

test('with nothing to store in, memory does', async () => {
  const forbidden = () => {
    throw new Error('SecurityError');
  };
  const { page, client } = await visit(createProfile(), {}, { env: { indexedDB: forbidden, local: forbidden, locks: () => ({ request: () => Promise.reject(new Error('SecurityError')) }) } });
  client.record(failure(1));
  await settle();
  page.socket().drop();
  client.record(failure(2));
  await settle();
  client.record(failure(3));
  await page.advance(1500);
  page.socket().connect();
  await settle();
  assert.deepEqual(page.socket().batches().map(messages), [['e1'], ['e2', 'e3']]);
});

test('without leave to store nothing is written, whatever happens', async () => {
  const profile = createProfile();
  const { env } = createPage();
  Object.assign(env, { indexedDB: () => profile.indexedDB, local: () => profile.local });
  const store = createStore(env, 'x', () => false, () => 10, () => 's', () => {});
  const [, batch] = record(1, 'a', ['x']);
  store.put(batch);
  store.save();
  store.drain(() => assert.fail('nothing is read either'));
  await turns();
  assert.deepEqual(profile.local, {});
  assert.deepEqual(await profile.indexedDB.databases(), []);
  assert.equal(store.all().length, 1);
});

test('one tab at a time drains, until all is answered for; a hidden one lets go', async () => {
  const profile = createProfile();
  await put(profile, [record(now - 1000, 'a', ['x'])]);
  const one = await visit(profile, {}, { silent: true });
  const two = await visit(profile);
  assert.equal(one.page.posts().length, 1);
  assert.equal(two.page.posts().length, 0);
  assert.equal(profile.held.size, 1);
  one.page.hide();
  await turns();
  assert.equal(profile.held.size, 0);
  two.page.hide();
  two.page.show();
  await turns();
  assert.deepEqual(two.page.posts().map((post) => post.json().batch), ['a']);
  assert.equal(profile.held.size, 0);
  assert.deepEqual(await onDisk(profile), []);
});

test('without locks each page drains, under the same ids', async () => {
  const profile = createProfile();
  await put(profile, [record(now - 1000, 'a', ['x'])]);
  const one = await visit(profile, {}, { silent: true, env: { locks: () => undefined } });
  const two = await visit(profile, {}, { env: { locks: () => undefined } });
  assert.deepEqual([one, two].flatMap(({ page }) => page.posts().map((post) => post.json().batch)), ['a', 'a']);
});

test('a batch on disk keeps its events: none is added, and it is not cut to fit the last request', async () => {
  const profile = createProfile();
  const { page, client } = await visit(profile);
  page.socket().drop();
  client.record(failure(1));
  await turns();
  client.record(failure(2));
  await turns();
  assert.deepEqual((await onDisk(profile)).map((batch) => batch.items.length), [1, 1]);
  for (let i = 0; i < 80; i++) client.record(info(i, 1500));
  client.flush(1);
  await turns();
  const before = (await onDisk(profile)).map((batch) => batch.id).sort();
  page.network.answer = () => new Promise(() => {});
  page.hide();
  assert.deepEqual((await onDisk(profile)).map((batch) => batch.id).sort(), before);
});

test('two tabs that halve the same batch make the same halves', async () => {
  const profile = createProfile();
  await put(profile, [record(now - 1000, 'a', ['x', 'y'])]);
  const refuse = (request) => {
    if (request.url.endsWith('/config')) return Response.json({});
    return request.json().events.length > 1 ? Response.json({ reason: 'too-large' }, { status: 413 }) : new Promise(() => {});
  };
  const ids = [];
  for (let i = 0; i < 2; i++) {
    const { page } = await visit(profile, {}, { env: { locks: () => undefined } }, async (page) => {
      page.network.answer = refuse;
      await turns();
    });
    page.socket().connect();
    await turns();
    ids.push(page.posts().map((post) => post.json().batch));
  }
  assert.deepEqual(ids[0], ['a', 'aa', 'ab']);
});

test('two servers of one origin do not get what is the other’s', async () => {
  const profile = createProfile();
  await put(profile, [record(now - 1000, 'a', ['x'])]);
  const { page } = await visit(profile, { path: '/admin/chsk' });
  assert.equal(page.posts().length, 0);
});

test('stop leaves what is undelivered on disk', async () => {
  const profile = createProfile();
  const { page, client } = await visit(profile, {}, { silent: true });
  client.record(failure());
  const stopped = client.stop();
  await page.advance(3100);
  await stopped;
  assert.deepEqual(texts(await onDisk(profile)), ['e0']);
});

test('where only POST is blocked, what is left from another session holds nothing up', async () => {
  const profile = createProfile();
  await put(profile, [record(now - 1000, 'a', ['x'])]);
  const { page, client } = await visit(profile, {}, { silent: true });
  page.network.answer = () => Promise.reject(new TypeError('Failed to fetch'));
  await page.advance(40000);
  assert.ok(page.posts().length > 1, 'tried again');
  client.record(failure());
  await settle();
  assert.deepEqual(page.socket().batches().map(messages), [['e0']]);
  assert.equal((await onDisk(profile)).length, 2);
});
