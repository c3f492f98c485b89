import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from './support/client.js';
import { createPage, settle } from './support/page.js';

const start = async (choices = {}, options = {}, attributes = {}) => {
  const page = createPage(choices);
  const client = createClient({ env: page.env, collectors: [], attributes: { path: '/shop/chsk', ...attributes }, options });
  await settle();
  return { page, client };
};

const failure = { type: 'error', subtype: 'javascript', severity: 'high', message: 'e' };
const connectOf = (page) => page.socket().frames('CONNECT')[0];
/** Connected long enough for what it was let in by to have been of use. */
const served = async (page) => {
  page.socket().connect();
  await page.advance(2000);
};

test('the key goes with every address, and none where there is none', async () => {
  for (const [options, attributes, query] of [
    [{ key: 'shop & co/1' }, {}, '?key=shop%20%26%20co%2F1'],
    [{}, { key: 'of-the-tag' }, '?key=of-the-tag'],
    [{ key: 'of-init' }, { key: 'of-the-tag' }, '?key=of-init'],
    [{}, {}, ''],
  ]) {
    const { page, client } = await start({}, options, attributes);
    assert.equal(page.requests[0].url, `https://shop.example/shop/chsk/config${query}`);
    assert.equal(page.socket().url, `wss://shop.example/shop/chsk${query}`);
    for (let i = 0; i < 3; i++) {
      page.socket().drop();
      await page.advance(60000);
    }
    client.record(failure);
    await page.advance(60000);
    assert.equal(page.posts()[0].url, `https://shop.example/shop/chsk/batch${query}`);
    page.network.answer = () => new Promise(() => {});
    client.record({ ...failure, message: 'another' });
    page.hide();
    await settle();
    assert.equal(page.posts().at(-1).url, `https://shop.example/shop/chsk/batch${query}`);
  }
});

test('another key means another connection', async () => {
  const { page, client } = await start();
  page.socket().connect();
  client.configure({ key: 'second-key' });
  await page.advance(1000);
  assert.equal(page.sockets().length, 2);
  assert.equal(page.socket().url, 'wss://shop.example/shop/chsk?key=second-key');
});

test('the ticket goes with CONNECT and within posted batches only, asked anew every time, and may throw', async () => {
  let tickets = 0;
  const { page, client } = await start({}, { ticket: () => `t${++tickets}` });
  page.socket().connect();
  assert.equal(connectOf(page).headers.ticket, 't1');
  client.record(failure);
  await settle();
  assert.equal('ticket' in page.socket().batches()[0], false);
  page.hide();
  await settle();
  assert.equal(page.posts()[0].json().ticket, 't2');
  assert.equal(page.posts()[0].headers.ticket, undefined);

  const fixed = await start({}, { ticket: 'mine' });
  fixed.page.socket().open();
  assert.equal(connectOf(fixed.page).headers.ticket, 'mine');
  for (const ticket of [undefined, '', () => undefined, () => { throw new Error('no'); }]) {
    const none = await start({}, { ticket });
    none.page.socket().open();
    assert.equal('ticket' in connectOf(none.page).headers, false);
  }
});

test('a beacon takes the ticket along', async () => {
  const { page, client } = await start({}, { ticket: 'mine' });
  page.env.keepalive = () => false;
  client.record(failure);
  page.hide();
  await settle();
  assert.equal(JSON.parse(await page.beacons[0].body.text()).ticket, 'mine');
});

test('the CSRF token of the configuration goes with CONNECT and with nothing else', async () => {
  const { page, client } = await start({ config: { csrf: { header: 'X-CSRF-TOKEN', token: 'masked' } } });
  page.socket().connect();
  assert.equal(connectOf(page).headers['X-CSRF-TOKEN'], 'masked');
  client.record(failure);
  page.hide();
  await settle();
  assert.equal('X-CSRF-TOKEN' in page.posts()[0].headers, false);
  for (const csrf of [undefined, null, 'x', {}, { header: 'X' }, { token: 'x' }]) {
    const other = await start({ config: { csrf } });
    other.page.socket().open();
    assert.deepEqual(Object.keys(connectOf(other.page).headers).sort(), ['accept-version', 'heart-beat', 'host', 'session-id']);
  }
});

test('a pushed configuration leaves the CSRF token alone', async () => {
  const { page } = await start({ config: { csrf: { header: 'X-CSRF-TOKEN', token: 'masked' } } });
  page.socket().connect();
  page.socket().message('/user/queue/control', { type: 'config', config: { enabled: true } });
  page.socket().drop();
  await page.advance(5000);
  page.socket().open();
  assert.equal(connectOf(page).headers['X-CSRF-TOKEN'], 'masked');
});

test('a token that is refused is asked for anew', async () => {
  const config = { csrf: { header: 'X-CSRF-TOKEN', token: 'first' } };
  const { page } = await start({ config });
  page.socket().open();
  config.csrf.token = 'second';
  page.socket().receive('ERROR', { message: 'csrf-token' });
  await page.advance(5000);
  page.socket().open();
  assert.equal(connectOf(page).headers['X-CSRF-TOKEN'], 'second');
});

for (const [how, end] of [
  ['by the close frame', (socket) => socket.drop(1008, 'token-expired')],
  ['by the ERROR frame', (socket) => socket.receive('ERROR', { message: 'token-expired' })],
]) {
  test(`expired credentials, told ${how}: back at once with new ones, and no failure`, async () => {
    let n = 0;
    const { page } = await start({ random: () => 0.999 }, { headers: () => ({ Authorization: `Bearer ${n}` }), ticket: () => `t${n}` });
    for (n = 1; n <= 5; n++) {
      await served(page);
      end(page.socket());
      await page.advance(1);
      assert.equal(page.sockets().length, n + 1);
      page.socket().open();
      assert.equal(connectOf(page).headers.Authorization, `Bearer ${n}`);
      assert.equal(connectOf(page).headers.ticket, `t${n}`);
    }
  });
}

test('credentials that expire at once make no storm', async () => {
  const { page } = await start({ random: () => 0.999 });
  for (let i = 0; i < 2; i++) {
    page.socket().connect();
    page.socket().drop(1008, 'token-expired');
    await page.advance(1);
    assert.equal(page.sockets().length, i + 1);
    await page.advance(2000);
  }
});

test('another refusal by policy waits as any failure does', async () => {
  const { page } = await start({ random: () => 0.999 });
  await served(page);
  page.socket().drop(1008, 'unauthorized');
  await page.advance(100);
  assert.equal(page.sockets().length, 1);
});
