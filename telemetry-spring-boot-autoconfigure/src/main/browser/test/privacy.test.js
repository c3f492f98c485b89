import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from './support/client.js';
import { createPage, settle } from './support/page.js';

const KEY = 'io.telemetry.session';

const start = async ({ config = {}, options = {}, attributes = {}, navigator = {}, consent = undefined } = {}) => {
  const page = createPage({ config });
  Object.assign(page.window.navigator, navigator);
  const state = { installed: 0 };
  const watching = { name: 'x', setting: 'errors', install: () => { state.installed++; return () => void state.installed--; } };
  const client = createClient({ env: page.env, collectors: [watching], attributes, options, consent });
  await settle();
  return { page, client, state };
};

const info = (message = 'm') => ({ type: 'log', level: 'info', message });
const failure = { type: 'error', subtype: 'javascript', severity: 'high', message: 'e' };
const eventsOf = (page) => page.socket().batches().flatMap((batch) => batch.events);
const leave = (page) => {
  page.hide();
  page.dispatch(page.window, 'pagehide', {});
};

for (const [who, given] of [
  ['the server', { config: { privacy: { requireConsent: true } }, options: { privacy: { requireConsent: false } } }],
  ['the tag', { attributes: { privacy: { requireConsent: true } } }],
  ['init', { options: { privacy: { requireConsent: true } } }],
]) {
  test(`consent required by ${who}: nothing connects, leaves or stays on the device before it is given, then all that waited goes`, async () => {
    const { page, client } = await start(given);
    client.record(info());
    client.record(failure);
    await page.advance(10000);
    leave(page);
    page.show();
    page.dispatch(page.window, 'pageshow', { persisted: true });
    await page.advance(10000);
    assert.equal(page.sockets().length + page.posts().length + page.beacons.length, 0);
    assert.equal(page.stored.size, 0);
    client.setConsent(true);
    page.socket().connect();
    await page.advance(6000);
    assert.deepEqual(eventsOf(page).map((event) => event.message).sort(), ['e', 'm']);
    assert.ok(page.stored.get(KEY));
  });
}

test('refused: what waits is discarded and counted, collectors are gone, the connection and the session’s id as well', async () => {
  const { page, client, state } = await start();
  page.socket().connect();
  client.record(info());
  assert.ok(page.stored.get(KEY));
  client.setConsent(false);
  assert.equal(state.installed, 0);
  assert.equal(page.socket().closedWith, 1000);
  assert.equal(page.stored.size, 0);
  client.record(info('after'));
  leave(page);
  await page.advance(100000);
  assert.equal(page.posts().length + page.beacons.length, 0);
  assert.equal(page.sockets().length, 1);
  assert.equal(page.clock.timers.size, 0);
});

test('consent after a refusal begins anew, and tells how many were discarded', async () => {
  const { page, client, state } = await start({ consent: false });
  client.record(info('refused'));
  client.setConsent(true);
  assert.equal(state.installed, 1);
  client.record(info('agreed'));
  client.setConsent(false);
  client.setConsent(true);
  client.record(info('again'));
  page.socket().connect();
  await page.advance(6000);
  assert.deepEqual(eventsOf(page).map((event) => event.message), ['again']);
  assert.deepEqual(page.socket().batches()[0].dropped, { 'no-consent': 1 });
});

test('what was refused before the client began is not collected', async () => {
  const { page, state } = await start({ consent: false });
  assert.equal(state.installed, 0);
  assert.equal(page.sockets().length, 0);
  assert.equal(page.stored.size, 0);
});

test('a refusal that finds nothing waiting tells of nothing', async () => {
  const { page, client } = await start({ consent: false });
  client.setConsent(true);
  client.record(failure);
  page.socket().connect();
  await settle();
  assert.equal(page.socket().batches()[0].dropped, undefined);
});

for (const [rule, navigator] of [['respectGpc', { globalPrivacyControl: true }], ['respectDnt', { doNotTrack: '1' }]]) {
  test(`${rule}: a refusal where so set, whatever the page says, and nothing otherwise`, async () => {
    const respected = await start({ config: { privacy: { [rule]: true } }, navigator });
    respected.client.setConsent(true);
    respected.client.record(info());
    await respected.page.advance(10000);
    assert.equal(respected.state.installed, 0);
    assert.equal(respected.page.sockets().length, 0);
    assert.equal(respected.page.stored.size, 0);
    assert.equal((await start({ navigator })).state.installed, 1);
    assert.equal((await start({ config: { privacy: { [rule]: true } } })).state.installed, 1);
  });
}

const hooked = async (beforeSend) => {
  const { page, client } = await start({ options: { beforeSend } });
  page.socket().connect();
  client.record({ ...info('raw joe@example.org'), context: { list: [1] } });
  client.record({ type: 'metric', subtype: 'other', message: 'last' });
  await page.advance(6000);
  const [batch] = page.socket().batches();
  return { events: batch ? batch.events : [], page, client };
};

test('beforeSend sees a masked copy with what an object has, and what it returns goes, masked and cut again', async () => {
  const seen = [];
  const { events } = await hooked((event) => {
    seen.push(event);
    if (event.type === 'metric') return event;
    event.context.list.push(2);
    return { ...event, message: 'm'.repeat(900), added: 'joe@example.org', password: 'x' };
  });
  assert.equal(seen[0].message, 'raw ***@***');
  assert.ok(seen[0].hasOwnProperty('message') && seen[0].context.hasOwnProperty('list'));
  assert.equal(events[0].message.length, 500);
  assert.deepEqual(events[0].context, { list: [1, 2] });
  assert.equal(events[0].added, '***@***');
  assert.equal('password' in events[0], false);
  assert.equal(events.length, 2);
});

for (const [what, answer, reason] of [
  ['null', () => null, 'before-send'],
  ['false', () => false, 'before-send'],
  ['nothing', () => undefined, 'before-send-failed'],
  ['a promise', (event) => Promise.resolve(event), 'before-send-failed'],
  ['true', () => true, 'before-send-failed'],
  ['a text', () => 'event', 'before-send-failed'],
  ['a list', (event) => [event], 'before-send-failed'],
  ['an object that is no event', () => ({}), 'before-send-failed'],
  ['an object that throws', () => new Proxy({}, { ownKeys: () => { throw new Error('no'); } }), 'before-send-failed'],
  ['an exception', () => { throw new Error('no'); }, 'before-send-failed'],
]) {
  test(`beforeSend that gives ${what}: the event does not go, and is counted`, async () => {
    const { events, page } = await hooked((event) => (event.type === 'metric' ? event : answer(event)));
    assert.deepEqual(events.map((event) => event.message), ['last']);
    assert.deepEqual(page.socket().batches()[0].dropped, { [reason]: 1 });
  });
}

test('beforeSend that is no function lets nothing out', async () => {
  const { events } = await hooked(/** @type {any} */ ('x'));
  assert.deepEqual(events, []);
});

test('beforeSend that reports itself does not run in circles', async () => {
  const { page, client } = await start({ options: { beforeSend: (event) => { client.record(info('inner')); return event; } } });
  page.socket().connect();
  client.record(info('outer'));
  await page.advance(6000);
  assert.deepEqual(eventsOf(page).map((event) => event.message), ['outer']);
});

test('the page’s address goes without query and fragment but for what the server lets it keep', async () => {
  const pageOf = async (privacy, options) => {
    const { page, client } = await start({ config: { privacy }, options });
    page.socket().connect();
    client.record(failure);
    await settle();
    return page.socket().batches()[0].session.page;
  };
  assert.equal(await pageOf(undefined), 'https://shop.example/cart');
  assert.equal(await pageOf({ query: ['other'], fragment: true }), 'https://shop.example/cart#top');
  assert.equal(await pageOf({ query: ['token'] }), 'https://shop.example/cart?token=***', 'its value is a secret all the same');
  assert.equal(await pageOf(undefined, { privacy: { query: ['token'], fragment: true } }), 'https://shop.example/cart', 'only the server may');
});
