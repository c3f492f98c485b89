import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchCalls } from '../src/collectors/fetch.js';
import { standardMask } from '../src/mask.js';
import { createApi } from './support/api.js';
import { createPage, settle } from './support/page.js';
import { createTrail } from '../src/trail.js';

const begin = async ({ options = {}, collectors = [], random } = {}) => {
  const page = createPage({ random });
  const { telemetry, start } = createApi(page.window, () => page.env);
  start(collectors, () => ({}), options);
  await settle();
  page.socket().connect();
  const errors = async () => {
    await page.advance(6000);
    return page.socket().batches().flatMap(({ events }) => events).filter(({ type }) => type === 'error');
  };
  return { page, telemetry, errors };
};

test('entries are short, and the last twenty', () => {
  const trail = createTrail(() => standardMask());
  assert.equal(trail.list(), undefined);
  for (let i = 0; i < 30; i++) trail.add({ timestamp: i, type: 'log', level: 'info', message: `message ${i}` });
  assert.equal(trail.list().length, 20);
  assert.deepEqual(trail.list()[0], { timestamp: 10, type: 'log', subtype: undefined, text: 'message 10' });
});

test('without a message its words and numbers say what it was; nothing of the page is asked', () => {
  const trail = createTrail(() => standardMask());
  const loud = { toString() { throw new Error('asked'); } };
  trail.add({ type: 'analytics', subtype: 'user-action', action: 'click', elementId: 'save', page: '/cart', properties: loud });
  trail.add({ type: 'log', level: 'info', message: loud });
  trail.add({ type: 'analytics', subtype: 'custom', eventName: Symbol('x') });
  assert.deepEqual(trail.list().map(({ text }) => text), ['click save /cart', '', '']);
});

test('errors take along what came before them, nothing else does', async () => {
  const { page, telemetry, errors } = await begin();
  telemetry.log('info', 'hello');
  telemetry.track('signed-up', { plan: 'x' });
  telemetry.metric('cart-size', 3);
  telemetry.error('first');
  telemetry.error('second');
  const [first, second] = await errors();
  assert.deepEqual(first.trail.map(({ type, subtype, text }) => [type, subtype, text]), [['log', undefined, 'hello'], ['analytics', 'custom', 'signed-up']]);
  assert.deepEqual(second.trail.map(({ text }) => text), ['hello', 'signed-up', 'first']);
  const others = page.socket().batches().flatMap(({ events }) => events).filter(({ type }) => type !== 'error');
  assert.equal(others.some((event) => 'trail' in event), false);
});

test('what sampling leaves out is in it', async () => {
  const { page, telemetry, errors } = await begin({ options: { sampling: { default: 0 } } });
  telemetry.track('signed-up');
  telemetry.error('broken');
  const [{ trail }] = await errors();
  assert.deepEqual(trail.map(({ text }) => text), ['signed-up']);
  assert.equal(page.socket().batches().flatMap(({ events }) => events).length, 1);
});

test('requests are in it as soon as they are answered, once, and never the client’s own', async () => {
  const { page, telemetry, errors } = await begin({ collectors: [fetchCalls] });
  page.network.answer = () => new Response('', { status: 404 });
  page.window.fetch('/api/cart?token=1');
  page.window.fetch('/chsk/batch', { method: 'POST', body: '{}' });
  await settle();
  telemetry.error('at once');
  await page.advance(1000);
  telemetry.error('later');
  const [first, second] = await errors();
  const requests = [first, second].map(({ trail }) => trail.filter(({ subtype }) => subtype === 'api-call').map(({ text }) => text));
  assert.deepEqual(requests, [['GET https://shop.example/api/cart answered 404'], ['GET https://shop.example/api/cart answered 404']]);
});

test('texts are cut, and with twenty long ones the error keeps its own message and stack', async () => {
  const { telemetry, errors } = await begin();
  for (let i = 0; i < 20; i++) telemetry.log('info', `${i} ${'x'.repeat(400)}`);
  const error = new Error('m'.repeat(600));
  error.stack = 's'.repeat(5000);
  telemetry.error(error);
  const [event] = await errors();
  assert.equal(event.message.length, 500);
  assert.equal(event.stack.length, 2000);
  assert.equal(event.trail.length, 20);
  assert.equal(event.trail.every(({ text }) => text.length === 100), true);
});
