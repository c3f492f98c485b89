import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from './support/client.js';
import { createPage, settle } from './support/page.js';

const start = async (choices = {}, options = {}) => {
  const page = createPage(choices);
  const client = createClient({ env: page.env, collectors: [], attributes: { path: '/shop/chsk' }, options });
  await settle();
  return { page, client };
};

const started = async (choices, options) => {
  const { page, client } = await start(choices, options);
  page.socket().connect();
  await settle();
  return { page, client };
};

const info = (n = 0) => ({ type: 'log', level: 'info', message: `m${n}` });
const failure = (n = 0) => ({ type: 'error', subtype: 'javascript', severity: 'high', message: `e${n}` });
const messages = (batch) => batch.events.map((event) => event.message);

test('connects beside the page with its session, and subscribes only after CONNECTED', async () => {
  const { page } = await start();
  const socket = page.socket();
  assert.equal(socket.url, 'wss://shop.example/shop/chsk');
  assert.equal(socket.protocol, 'v12.stomp');
  socket.open();
  const [connect] = socket.frames('CONNECT');
  assert.match(connect.headers['session-id'], /^[\w-]{1,64}$/);
  assert.equal(connect.headers.host, 'shop.example');
  assert.equal(connect.headers['accept-version'], '1.2');
  assert.equal(connect.headers['heart-beat'], '10000,10000');
  assert.equal(socket.frames('SUBSCRIBE').length, 0);
  socket.receive('CONNECTED', { version: '1.2' });
  assert.deepEqual(
    socket.frames('SUBSCRIBE').map((frame) => frame.headers.destination),
    ['/user/queue/acks', '/user/queue/control'],
  );
});

test('a full buffer leaves at once, a part of it within the flush time', async () => {
  const { page, client } = await started();
  for (let i = 0; i < 101; i++) client.record(info(i));
  await settle();
  const socket = page.socket();
  assert.equal(socket.batches('/app/log/batch').length, 1);
  assert.equal(socket.batches()[0].events.length, 100);
  await page.advance(5000);
  assert.deepEqual(messages(socket.batches()[1]), ['m100']);
});

test('the flush time is jittered between half and all of it', async () => {
  for (const [random, before, after] of [[() => 0, 2490, 20], [() => 0.999, 4980, 20]]) {
    const { page, client } = await started({ random });
    client.record(info());
    await page.advance(before);
    assert.equal(page.socket().batches().length, 0);
    await page.advance(after);
    assert.equal(page.socket().batches().length, 1);
  }
});

test('urgent events of one task leave together and at once', async () => {
  const { page, client } = await started();
  client.record(info());
  client.record(failure(1));
  client.record({ type: 'log', level: 'info', severity: 'high', message: 'e2' });
  await settle();
  assert.deepEqual(page.socket().batches('/app/log/urgent').map(messages), [['e1', 'e2']]);
  assert.equal(page.socket().batches('/app/log/batch').length, 0);
});

test('a batch carries what the contract names', async () => {
  const { page, client } = await started({}, { user: 'u1', release: '1.2', environment: 'prod' });
  client.record(failure());
  await settle();
  const [batch] = page.socket().batches();
  assert.match(batch.batch, /^id\d+$/);
  assert.equal(typeof batch.seq, 'number');
  assert.equal(batch.sentAt, page.env.now());
  assert.deepEqual(batch.user, { id: 'u1' });
  assert.deepEqual(batch.session, {
    id: page.stored.get('io.telemetry.session').split(' ')[0],
    page: 'https://shop.example/cart',
    release: '1.2',
    environment: 'prod',
  });
  assert.equal(batch.events[0].timestamp, page.env.now());
  assert.equal('dropped' in batch, false);
});

test('events made before the connection are sent once it is there', async () => {
  const { page, client } = await start();
  client.record(failure());
  await page.advance(100);
  page.socket().connect();
  await settle();
  assert.deepEqual(messages(page.socket().batches()[0]), ['e0']);
});

test('no answer: the batch goes again with the same id, and once accepted never more', async () => {
  const { page, client } = await started();
  client.record(failure());
  await settle();
  await page.advance(9000);
  assert.equal(page.socket().batches().length, 1);
  await page.advance(4000);
  const [first, second] = page.socket().batches();
  assert.equal(second.batch, first.batch);
  assert.ok(second.sentAt > first.sentAt);
  page.socket().acknowledge(first, { duplicate: true });
  await page.advance(120000);
  assert.equal(page.socket().batches().length, 2);
});

test('the connection breaks before the answer: the batch goes again on the next one', async () => {
  const { page, client } = await started();
  client.record(failure());
  await settle();
  const [first] = page.socket().batches();
  page.socket().drop();
  client.record(failure(1));
  await page.advance(1500);
  assert.equal(page.sockets().length, 2);
  page.socket().connect();
  await settle();
  assert.deepEqual(page.socket().batches().map(messages), [['e0'], ['e1']]);
  assert.equal(page.socket().batches()[0].batch, first.batch);
});

test('refused for a while: held for the time the server asks, then the same batch again', async () => {
  const { page, client } = await started({ random: () => 0 });
  client.record(failure());
  await settle();
  const [first] = page.socket().batches();
  page.socket().refuse(first.batch, 'rate-limited', 7000);
  client.record(failure(1));
  await page.advance(6900);
  assert.equal(page.socket().batches().length, 1, 'nothing else is sent either');
  await page.advance(200);
  assert.equal(page.socket().batches()[1].batch, first.batch);
  assert.deepEqual(messages(page.socket().batches()[2]), ['e1']);
});

for (const reason of ['too-large', 'too-many-events']) {
  test(`${reason}: halved until it fits; a single event is dropped and counted`, async () => {
    const { page, client } = await started();
    for (let i = 0; i < 3; i++) client.record(failure(i));
    await settle();
    const socket = page.socket();
    const [whole] = socket.batches();
    socket.refuse(whole.batch, reason);
    await settle();
    const [, left, right] = socket.batches();
    assert.deepEqual([messages(left), messages(right)], [['e0'], ['e1', 'e2']]);
    assert.equal(new Set([whole.batch, left.batch, right.batch]).size, 3);
    socket.acknowledge(right);
    socket.refuse(left.batch, reason);
    client.record(failure(3));
    await settle();
    assert.deepEqual(socket.batches().at(-1).dropped, { [reason]: 1 });
  });
}

test('malformed: dropped, counted, and not sent again', async () => {
  const { page, client } = await started();
  client.record(failure(0));
  client.record(failure(1));
  await settle();
  page.socket().refuse(page.socket().batches()[0].batch, 'malformed');
  await page.advance(60000);
  assert.equal(page.socket().batches().length, 1);
  client.record(failure(2));
  await settle();
  assert.deepEqual(page.socket().batches()[1].dropped, { malformed: 2 });
});

test('a refusal without batch id: what is answered for stands, the other is tried again later, then dropped and counted', async () => {
  const { page, client } = await started();
  client.record(failure(0));
  await settle();
  client.record(failure(1));
  await settle();
  const socket = page.socket();
  const [bad, good] = socket.batches();
  for (let i = 0; i < 3; i++) {
    socket.refuse(null, 'malformed');
    if (i === 0) socket.acknowledge(good);
    await page.advance(61000);
  }
  assert.deepEqual(socket.batches().map(({ batch }) => batch), [bad.batch, good.batch, bad.batch, bad.batch]);
  client.record(failure(2));
  await settle();
  assert.deepEqual(socket.batches()[4].dropped, { unreadable: 1 });
});

test('unauthorized: tried again later, then dropped and counted', async () => {
  const { page, client } = await started();
  client.record(failure());
  await settle();
  for (let i = 0; i < 3; i++) {
    const last = page.socket().batches().at(-1);
    page.socket().refuse(last.batch, 'unauthorized');
    await page.advance(61000);
  }
  assert.equal(page.socket().batches().length, 3);
  client.record(failure(1));
  await settle();
  assert.deepEqual(page.socket().batches().at(-1).dropped, { unauthorized: 1 });
});

test('not more than four batches are on their way; the next goes when one is answered', async () => {
  const { page, client } = await started();
  for (let i = 0; i < 6; i++) {
    client.record(failure(i));
    await settle();
  }
  assert.equal(page.socket().batches().length, 4);
  page.socket().acknowledge(page.socket().batches()[0]);
  await settle();
  assert.equal(page.socket().batches().length, 5);
  assert.deepEqual(messages(page.socket().batches()[4]), ['e4', 'e5'], 'those that waited together go together');
});

test('what waits is gathered into batches within the limits, and those of another user apart', async () => {
  const { page, client } = await start({}, { buffer: { events: 10 } });
  for (let i = 0; i < 25; i++) {
    client.record(failure(i));
    await settle();
  }
  client.setUser('other');
  client.record(failure(25));
  await settle();
  page.socket().connect();
  await settle();
  const batches = page.socket().batches();
  assert.deepEqual(batches.map((batch) => batch.events.length), [10, 10, 5, 1]);
  assert.deepEqual(batches.flatMap(messages), Array.from({ length: 26 }, (_, i) => `e${i}`));
  assert.equal(batches[3].user.id, 'other');
});

test('full memory: analytics go before logs, logs before errors, old before new, and the count travels', async () => {
  const { page, client } = await start({}, { buffer: { stored: 10, events: 5 } });
  for (let i = 0; i < 4; i++) client.record({ type: 'analytics', message: `a${i}` });
  for (let i = 0; i < 4; i++) client.record(info(i));
  for (let i = 0; i < 7; i++) client.record(failure(i));
  await settle();
  page.socket().connect();
  await page.advance(5000);
  const batches = page.socket().batches();
  assert.deepEqual(batches.flatMap(messages).sort(), ['e0', 'e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'm1', 'm2', 'm3']);
  batches.forEach((batch) => page.socket().acknowledge(batch));
  await page.advance(5000);
  client.record(failure(9));
  await page.advance(5000);
  const counted = page.socket().batches().reduce((sum, batch) => sum + (batch.dropped?.['buffer-full'] || 0), 0);
  assert.equal(counted, 5);
});

test('never more than the bound is held, and lists of the same importance lose their oldest', async () => {
  const { page, client } = await start({ config: {} });
  for (let i = 0; i < 2500; i++) client.record(info(i));
  await settle();
  page.socket().connect();
  const seen = [];
  for (let i = 0; i < 20; i++) {
    await page.advance(3000);
    for (const batch of page.socket().batches().slice(seen.length)) {
      seen.push(batch);
      page.socket().acknowledge(batch);
    }
  }
  const got = seen.flatMap(messages);
  assert.equal(got.length, 1000);
  assert.equal(got[0], 'm1500');
});

test('a large batch is split by bytes and a frame into pieces of 8 KB, binary', async () => {
  const { page, client } = await started();
  for (let i = 0; i < 60; i++) client.record({ ...info(i), context: { text: 'ü'.repeat(1500) } });
  await settle();
  const sent = page.socket().messages;
  assert.ok(sent.every((data) => data instanceof Uint8Array && data.length <= 8192));
  const [batch] = page.socket().batches();
  assert.ok(Buffer.byteLength(JSON.stringify(batch)) <= 60000);
  assert.ok(batch.events.length < 60 && batch.events.length > 10);
});

test('the server names the session: it is kept and used from then on', async () => {
  const { page, client } = await start();
  client.record(failure());
  page.socket().connect({ 'session-id': 'given-by-server', 'user-id': 'u9' });
  await settle();
  assert.equal(page.socket().batches()[0].session.id, 'given-by-server');
  assert.equal(page.stored.get('io.telemetry.session').split(' ')[0], 'given-by-server');
  client.record(failure(1));
  await settle();
  assert.deepEqual(page.socket().batches()[1].user, { id: 'u9' });
});

test('with storage forbidden there is a session all the same', async () => {
  const { page } = await start({ storage: () => { throw new Error('SecurityError'); } });
  page.socket().open();
  assert.match(page.socket().frames('CONNECT')[0].headers['session-id'], /^[\w-]{1,64}$/);
});

test('reconnect backs off with full jitter, and after three failures POST takes over', async () => {
  const { page, client } = await start({ random: () => 0.999 });
  client.record(failure());
  page.socket().drop();
  await page.advance(1000);
  assert.equal(page.sockets().length, 1);
  await page.advance(1000);
  assert.equal(page.sockets().length, 2);
  page.socket().drop();
  await page.advance(4000);
  assert.equal(page.sockets().length, 3);
  assert.equal(page.posts().length, 0);
  page.socket().drop();
  await settle();
  const [post] = page.posts();
  assert.equal(post.url, 'https://shop.example/shop/chsk/batch');
  assert.equal(post.headers['content-type'], 'application/json');
  assert.deepEqual(messages(post.json()), ['e0']);
  await page.advance(40000);
  assert.equal(page.sockets().length, 3);
  await page.advance(40000);
  assert.equal(page.sockets().length, 4);
  page.socket().connect();
  client.record(failure(1));
  await settle();
  assert.deepEqual(page.socket().batches().map(messages), [['e1']], 'and the socket again when it is back');
});

test('POST: what a proxy refuses in words of its own is tried again later, then dropped and counted by its status', async () => {
  const { page, client } = await start({ random: () => 0 });
  for (let i = 0; i < 3; i++) {
    page.socket().drop();
    await page.advance(0);
  }
  page.network.answer = () => new Response('<html>forbidden</html>', { status: 403 });
  client.record(failure());
  await page.advance(90000);
  assert.equal(page.posts().length, 3);
  page.network.answer = (request) => Response.json({ batch: request.json().batch, status: 'accepted' }, { status: 202 });
  client.record(failure(1));
  await page.advance(90000);
  assert.deepEqual(page.posts().at(-1).json().dropped, { 'http-403': 1 });
});

test('POST: refusals by body or status are understood, and a made-up 200 is no answer', async () => {
  const { page, client } = await start({ random: () => 0 });
  for (let i = 0; i < 3; i++) {
    page.socket().drop();
    await page.advance(0);
  }
  const answers = [
    () => new Response('<html>log in</html>', { status: 200 }),
    () => new Response('{"reason":"rate-limited","retryAfterMs":3000}', { status: 429 }),
    () => new Response('', { status: 503, headers: { 'retry-after': '4' } }),
    () => { throw new TypeError('Failed to fetch'); },
    (request) => Response.json({ batch: request.json().batch, status: 'accepted', accepted: 1 }, { status: 202 }),
  ];
  page.network.answer = (request) => answers.shift()(request);
  client.record(failure());
  await settle();
  assert.equal(page.posts().length, 1);
  await page.advance(100);
  assert.equal(page.posts().length, 2);
  await page.advance(2800);
  assert.equal(page.posts().length, 2, 'waits the time of the body');
  await page.advance(300);
  assert.equal(page.posts().length, 3);
  await page.advance(3800);
  assert.equal(page.posts().length, 3, 'waits the time of the header');
  await page.advance(400);
  assert.equal(page.posts().length, 5);
  await page.advance(30000);
  assert.equal(page.posts().length, 5);
  assert.equal(new Set(page.posts().map((post) => post.json().batch)).size, 1);
});

test('close code 1012 and the control message spread the reconnect over the server’s window', async () => {
  const { page, client } = await started({ random: () => 0.9 });
  page.socket().drop(1012);
  await page.advance(26000);
  assert.equal(page.sockets().length, 1);
  await page.advance(2000);
  assert.equal(page.sockets().length, 2);
  page.socket().connect();
  client.record(failure());
  await settle();
  page.socket().message('/user/queue/control', { type: 'reconnect', withinMs: 10000 });
  await page.advance(5000);
  page.socket().drop(1012);
  await page.advance(3900);
  assert.equal(page.sockets().length, 2, 'the close in between does not change the time');
  await page.advance(200);
  assert.equal(page.sockets().length, 3);
  page.socket().connect();
  await settle();
  assert.deepEqual(page.socket().batches().map(messages), [['e0']]);
});

test('after 1012 nothing makes a client come before its moment: not the network, not a POST that gets through', async () => {
  const { page } = await started({ random: () => 0.9 });
  page.socket().drop(1012);
  await page.advance(1000);
  page.dispatch(page.window, 'online');
  await page.advance(25000);
  assert.equal(page.sockets().length, 1);
  await page.advance(2000);
  assert.equal(page.sockets().length, 2);
});

test('nor does a session that begins meanwhile', async () => {
  const { page, client } = await started({ random: () => 0.9, config: { session: { idleMs: 2000 } } });
  page.socket().drop(1012);
  await page.advance(10000);
  client.record({ type: 'log', level: 'info', message: 'after a long silence' });
  await page.advance(16000);
  assert.equal(page.sockets().length, 1);
  await page.advance(2000);
  assert.equal(page.sockets().length, 2);
});

test('a reconnect that the server asks for closes in order', async () => {
  const { page } = await started({ random: () => 0.5 });
  const [first] = page.sockets();
  first.message('/user/queue/control', { type: 'reconnect', withinMs: 1000 });
  await page.advance(600);
  assert.equal(first.closedWith, 1000);
  assert.equal(page.sockets().length, 2);
});

test('a thousand clients told to come within thirty seconds come evenly', async () => {
  let state = 42;
  const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
  const perSecond = new Array(31).fill(0);
  for (let i = 0; i < 1000; i++) {
    const { page } = await started({ random });
    const begun = page.clock.now();
    const before = new Set(page.clock.timers.keys());
    page.socket().message('/user/queue/control', { type: 'reconnect', withinMs: 30000 });
    const [timer, ...others] = [...page.clock.timers].filter(([id]) => !before.has(id)).map(([, made]) => made);
    assert.equal(others.length, 0);
    perSecond[Math.floor((timer.at - begun) / 1000)]++;
  }
  assert.ok(Math.max(...perSecond) <= 2 * (1000 / 30), perSecond.join(' '));
});

test('heart-beats go out when nothing else does, and silence ends the connection', async () => {
  const { page } = await start();
  const socket = page.socket();
  socket.connect({ 'heart-beat': '10000,10000' });
  const before = socket.messages.length;
  await page.advance(20500);
  assert.equal(socket.messages.slice(before).filter((data) => data === '\n').length, 2);
  socket.onmessage({ data: '\n' });
  await page.advance(29000);
  assert.equal(page.sockets().length, 1);
  await page.advance(13000);
  assert.equal(page.sockets().length, 2, 'a beat is proof of life only for a while');
});

test('a connection that never gets CONNECTED is given up', async () => {
  const { page } = await start();
  page.socket().open();
  await page.advance(13000);
  assert.equal(page.sockets().length, 2);
});

test('sockets that open and never say anything are not taken for good ones: POST takes over', async () => {
  const page = createPage();
  const { setTimeout } = page.env;
  // As in browsers, where no timer is on the dot.
  page.env.setTimeout = (work, ms) => setTimeout(work, ms + 1);
  const client = createClient({ env: page.env, collectors: [], attributes: {}, options: {} });
  client.record(failure());
  for (let i = 0; i < 40; i++) {
    await page.advance(1000);
    if (page.socket().readyState === 0) page.socket().open();
  }
  assert.equal(page.sockets().length, 3);
  assert.deepEqual(page.posts().map((post) => messages(post.json())), [['e0']]);
});

test('an ERROR frame or rubbish ends the connection', async () => {
  for (const hurt of [(socket) => socket.receive('ERROR', { message: 'no' }), (socket) => socket.onmessage({ data: 'BAD\nx\n\n\0' })]) {
    const { page } = await started();
    hurt(page.socket());
    await page.advance(2000);
    assert.equal(page.sockets().length, 2);
  }
});

test('messages that nobody understands are ignored', async () => {
  const { page, client } = await started();
  const socket = page.socket();
  socket.message('/user/queue/control', { type: 'dance' });
  socket.message('/user/queue/control', null);
  socket.message('/user/queue/acks', 'what');
  socket.message('/user/queue/acks', { batch: 'unknown', status: 'accepted' });
  socket.receive('MESSAGE', { subscription: '0', 'message-id': '1' }, 'not json');
  client.record(failure());
  await settle();
  assert.equal(page.sockets().length, 1);
  assert.equal(socket.batches().length, 1);
});

test('control: flush sends what waits', async () => {
  const { page, client } = await started();
  client.record(info());
  page.socket().message('/user/queue/control', { type: 'flush' });
  await settle();
  assert.equal(page.socket().batches().length, 1);
});

test('flush() is true once all is answered for and false when it is not in time', async () => {
  const { page, client } = await started();
  assert.equal(await client.flush(1000), true);
  client.record(info());
  const good = client.flush(1000);
  await settle();
  page.socket().acknowledge(page.socket().batches()[0]);
  assert.equal(await good, true);
  client.record(info());
  const late = client.flush(1000);
  await page.advance(1100);
  assert.equal(await late, false);
});

test('flush() waits for both halves of a batch that was split', async () => {
  const { page, client } = await started();
  client.record(info(0));
  client.record(info(1));
  const flushed = client.flush(5000);
  let done = false;
  flushed.then(() => (done = true));
  await settle();
  page.socket().refuse(page.socket().batches()[0].batch, 'too-large');
  await settle();
  const [, left, right] = page.socket().batches();
  page.socket().acknowledge(left);
  await settle();
  assert.equal(done, false);
  page.socket().acknowledge(right);
  assert.equal(await flushed, true);
});

test('setUser: what happened before belongs to who was there before', async () => {
  const { page, client } = await started({}, { user: 'first' });
  client.record(info(1));
  client.setUser({ id: 'second' });
  client.record(info(2));
  client.setUser(null);
  client.record(info(3));
  client.flush(1);
  await settle();
  assert.deepEqual(page.socket().batches().map((batch) => batch.user?.id), ['first', 'second', undefined]);
});

test('setContext goes along, under what the event says itself', async () => {
  const { page, client } = await started();
  client.setContext({ cart: 7, step: 'a' });
  client.record({ ...info(), context: { step: 'b' } });
  client.setContext(null);
  client.record(info());
  client.flush(1);
  await settle();
  const [one, two] = page.socket().batches()[0].events;
  assert.deepEqual(one.context, { cart: 7, step: 'b' });
  assert.equal('context' in two, false);
});

test('headers go with CONNECT and POST, asked anew every time, and may throw', async () => {
  let token = 0;
  const { page, client } = await start({}, { headers: () => ({ Authorization: `Bearer ${++token}` }) });
  page.socket().open();
  assert.match(page.socket().frames('CONNECT')[0].headers.Authorization, /^Bearer \d$/);
  client.record(failure());
  page.hide();
  assert.match(page.posts()[0].headers.Authorization, /^Bearer \d$/);
  assert.notEqual(page.posts()[0].headers.Authorization, page.socket().frames('CONNECT')[0].headers.Authorization);
  const other = await start({}, { headers: () => { throw new Error('no'); } });
  other.page.socket().open();
  assert.equal(other.page.socket().frames('CONNECT').length, 1);
});

test('without WebSocket at all, or with one that throws, POST delivers', async () => {
  for (const WebSocket of [undefined, class { constructor() { throw new Error('SecurityError'); } }]) {
    const page = createPage();
    page.env.WebSocket = WebSocket;
    const client = createClient({ env: page.env, collectors: [], attributes: {}, options: {} });
    client.record(failure());
    await page.advance(10000);
    assert.equal(page.posts().length, 1);
    assert.equal(page.posts()[0].url, 'https://shop.example/chsk/batch');
  }
});

test('urgent batches go first, older or not', async () => {
  const { page, client } = await start();
  client.record(info());
  client.flush(1);
  client.record(failure());
  await settle();
  page.socket().connect();
  await settle();
  assert.deepEqual(page.socket().batches().map(messages), [['e0'], ['m0']]);
});

test('counts on a batch that is dropped itself travel with the next', async () => {
  const { page, client } = await started();
  for (let i = 0; i < 3; i++) {
    client.record(failure(i));
    await settle();
    page.socket().refuse(page.socket().batches().at(-1).batch, 'malformed');
  }
  client.record(failure(3));
  await settle();
  assert.deepEqual(page.socket().batches().at(-1).dropped, { malformed: 3 });
});

test('counts on a batch whose every event was given up travel with another', async () => {
  const { page, client } = await start({}, { buffer: { stored: 2, events: 2 } });
  for (let i = 0; i < 3; i++) client.record({ type: 'analytics', message: `a${i}` });
  client.flush(1);
  for (let i = 0; i < 2; i++) client.record(failure(i));
  await settle();
  page.socket().connect();
  await page.advance(100);
  const [batch] = page.socket().batches();
  page.socket().acknowledge(batch);
  client.record(failure(2));
  await settle();
  const counted = page.socket().batches().reduce((sum, one) => sum + (one.dropped?.['buffer-full'] || 0), 0);
  assert.equal(counted, 3);
});

test('of equal events one that was never sent is given up first', async () => {
  const { page, client } = await started({ random: () => 0 }, { buffer: { stored: 4, events: 2 } });
  for (let i = 0; i < 2; i++) client.record(info(i));
  await settle();
  page.socket().drop();
  for (let i = 2; i < 5; i++) client.record(info(i));
  await page.advance(100);
  page.socket().connect();
  await page.advance(6000);
  assert.deepEqual(page.socket().batches().flatMap(messages), ['m0', 'm1', 'm3', 'm4']);
});

test('metrics outlive analytics', async () => {
  const { page, client } = await start({}, { buffer: { stored: 2, events: 2 } });
  client.record({ type: 'metric', message: 'metric' });
  client.record({ type: 'analytics', message: 'analytics' });
  client.record(info());
  page.socket().connect();
  await page.advance(6000);
  assert.deepEqual(page.socket().batches().flatMap(messages).sort(), ['m0', 'metric']);
});

test('a POST that hangs is cut off and made again', async (t) => {
  const page = createPage({ random: () => 0 });
  t.mock.method(AbortSignal, 'timeout', (ms) => {
    const controller = new AbortController();
    page.env.setTimeout(() => controller.abort(), ms);
    return controller.signal;
  });
  page.env.WebSocket = undefined;
  const client = createClient({ env: page.env, collectors: [], attributes: {}, options: {} });
  await page.advance(100);
  page.network.answer = (request) => new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)));
  client.record(failure());
  await page.advance(9000);
  assert.equal(page.posts().length, 1);
  await page.advance(2000);
  assert.equal(page.posts().length, 2);
  assert.equal(page.posts()[1].json().batch, page.posts()[0].json().batch);
});

test('where a POST that hangs can not be cut off, it is made again all the same', async (t) => {
  const page = createPage({ random: () => 0 });
  const { timeout } = AbortSignal;
  AbortSignal.timeout = undefined;
  t.after(() => (AbortSignal.timeout = timeout));
  page.env.WebSocket = undefined;
  const client = createClient({ env: page.env, collectors: [], attributes: {}, options: {} });
  await page.advance(100);
  page.network.answer = () => new Promise(() => {});
  client.record(failure());
  await page.advance(31000);
  assert.equal(page.posts().length, 2);
  assert.equal(page.posts()[1].json().batch, page.posts()[0].json().batch);
});

test('where POST failed too and works again, the socket is tried soon', async () => {
  const { page, client } = await start();
  for (let i = 0; i < 3; i++) {
    page.socket().drop();
    await page.advance(4000);
  }
  assert.equal(page.sockets().length, 3);
  const { answer } = page.network;
  page.network.answer = () => { throw new TypeError('Failed to fetch'); };
  client.record(failure());
  await settle();
  page.network.answer = answer;
  await page.advance(8000);
  assert.equal(page.sockets().length, 4);
});

test('no heart-beat while there is other traffic', async () => {
  const { page, client } = await start();
  page.socket().connect({ 'heart-beat': '0,10000' });
  for (let i = 0; i < 30; i++) {
    client.record(failure(i));
    await page.advance(1000);
    page.socket().acknowledge(page.socket().batches().at(-1));
  }
  assert.equal(page.socket().messages.filter((data) => data === '\n').length, 0);
});

test('an answer is known by its subscription, however the destination is written', async () => {
  const { page, client } = await started();
  client.record(failure());
  await settle();
  const socket = page.socket();
  const [batch] = socket.batches();
  socket.receive('MESSAGE', { subscription: socket.subscription('/user/queue/acks'), destination: '/queue/acks-user7', 'message-id': '1' },
    JSON.stringify({ batch: batch.batch, status: 'accepted', accepted: 1 }));
  await page.advance(60000);
  assert.equal(socket.batches().length, 1);
});

test('a server without WebSockets is not asked for one, and gets everything by POST', async () => {
  const { page, client } = await start({ config: { webSocket: false } });
  client.record(failure());
  await settle();
  assert.equal(page.posts().length, 1);
  await page.advance(200000);
  page.dispatch(page.window, 'online');
  await page.advance(2000);
  page.hide();
  await page.advance(70000);
  page.show();
  client.record(failure('late'));
  await page.advance(10000);
  assert.equal(page.sockets().length, 0);
  assert.equal(page.posts().length, 2);
});

test('settings that come late still say that there are no WebSockets', async () => {
  const page = createPage();
  let answer;
  const usual = page.network.answer;
  page.network.answer = (request) => (request.url.endsWith('/config') ? new Promise((resolve) => (answer = resolve)) : usual(request));
  const client = createClient({ env: page.env, collectors: [], attributes: {}, options: {} });
  await page.advance(3000);
  client.record(failure());
  await settle();
  assert.equal(page.posts().length, 0);
  answer(Response.json({ webSocket: false }));
  await settle();
  assert.equal(page.posts().length, 1);
  await page.advance(200000);
  assert.equal(page.sockets().length, 0);
});

test('a batch that was tried under another session goes by POST, with that session', async () => {
  const { page, client } = await started();
  client.record(failure());
  await settle();
  const [first] = page.socket().batches();
  page.socket().drop();
  await page.advance(2000);
  page.socket().connect({ 'session-id': 'another' });
  await settle();
  assert.equal(page.socket().batches().length, 0);
  assert.equal(page.posts()[0].json().batch, first.batch);
  assert.equal(page.posts()[0].json().session.id, first.session.id);
});

test('a connection that lasted makes the failures before it forgotten', async () => {
  const { page, client } = await started();
  for (let i = 0; i < 4; i++) {
    await page.advance(11000);
    page.socket().drop();
    await page.advance(1000);
    page.socket().connect();
  }
  page.socket().drop();
  client.record(failure());
  await settle();
  assert.equal(page.posts().length, 0);
});

test('an event that no batch could hold is dropped and counted', async () => {
  const { page, client } = await started({}, { buffer: { bytes: 4000 } });
  client.record({ ...failure(), context: { a: 'x'.repeat(1900), b: 'x'.repeat(1900) } });
  client.record(failure(1));
  await settle();
  assert.deepEqual(messages(page.socket().batches()[0]), ['e1']);
  assert.deepEqual(page.socket().batches()[0].dropped, { 'too-large': 1 });
});

test('context and event together stay below 64 keys', async () => {
  const { page, client } = await started();
  const wide = (/** @type {string} */ name) => Object.fromEntries(Array.from({ length: 100 }, (_, i) => [name + i, i]));
  client.setContext(wide('c'));
  client.record({ ...failure(), context: wide('e') });
  await settle();
  assert.ok(Object.keys(page.socket().batches()[0].events[0].context).length < 64);
});

test('a session id that is not one, kept or given, is not taken', async () => {
  const { page } = await start({ storage: () => ({ 'io.telemetry.session': 'not-valid! 1' }) });
  page.socket().open();
  const used = page.socket().frames('CONNECT')[0].headers['session-id'];
  assert.match(used, /^id\d+$/);
  page.socket().receive('CONNECTED', { version: '1.2', 'session-id': 'x'.repeat(65) });
  page.socket().drop();
  await page.advance(2000);
  page.socket().open();
  assert.equal(page.socket().frames('CONNECT')[0].headers['session-id'], used);
});

test('the network is back: the connection is made anew soon, but not before the time the server gave', async () => {
  const { page } = await started({ random: () => 0.9 });
  page.socket().drop();
  page.dispatch(page.window, 'online');
  await page.advance(950);
  assert.equal(page.sockets().length, 2);
  page.socket().connect();
  page.socket().message('/user/queue/control', { type: 'reconnect', withinMs: 20000 });
  page.dispatch(page.window, 'online');
  await page.advance(17000);
  assert.equal(page.sockets().length, 2);
  await page.advance(2000);
  assert.equal(page.sockets().length, 3);
});

test('time that passes between two lines of the client ends no connection', async () => {
  const page = createPage();
  const { monotonic } = page.env;
  let passed = 0;
  page.env.monotonic = () => monotonic() + (passed += 0.1);
  createClient({ env: page.env, collectors: [], attributes: {}, options: {} });
  await settle();
  page.socket().connect();
  await page.advance(5000);
  assert.equal(page.sockets().length, 1);
});
