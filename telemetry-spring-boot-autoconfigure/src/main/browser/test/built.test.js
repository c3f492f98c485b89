import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OWN } from '../scripts/options.js';
import { createPage } from './support/page.js';

const BUILT = new URL('../../resources/io/telemetry/boot/browser/client.js', import.meta.url);

test('the file that is served starts itself and delivers what the page had called before', async () => {
  const page = createPage();
  const { env, window, clock, document } = page;
  const { WebSocket } = env;
  const setTimeout = (work, ms = 0) => clock.setTimeout(work, ms);
  Object.assign(window, { crypto, queueMicrotask, setTimeout, clearTimeout: clock.clearTimeout, WebSocket, Request });
  document.currentScript = { src: 'https://shop.example/shop/chsk/client.js', dataset: { release: '1.2' } };
  window.Telemetry = { q: [['log', ['info', 'early', { password: 'x', card: '4111 1111 1111 1111' }], 1700000000001]] };
  new Function('window', readFileSync(BUILT, 'utf8'))(window);
  window.Telemetry.track('late');
  await page.advance(100);
  assert.equal(page.requests[0].url, 'https://shop.example/shop/chsk/config');
  page.socket().connect();
  await page.advance(6000);
  const [batch] = page.socket().batches();
  assert.equal(batch.session.release, '1.2');
  assert.deepEqual(batch.events.filter(({ type }) => type !== 'metric').map(({ message, eventName, context }) => [message || eventName, context]), [['early', { card: '***' }], ['late', undefined]]);
  assert.equal(batch.events.find(({ message }) => message).timestamp, 1700000000001);
  const stopped = window.Telemetry.stop();
  await page.advance(10000);
  await stopped;
});

test('what is shortened in it is nobody else\'s: neither the page\'s, nor the server\'s, nor another file\'s', () => {
  const read = (name) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
  const others = ['client.d.ts', 'src/environment.js', 'src/diagnosis.js', 'src/on-request.js', 'src/requests.js', 'src/batch.js',
    'src/collectors/attribution.js', 'src/collectors/position.js', 'src/collectors/index.js', 'src/collectors/vitals.js'].map(read).join();
  assert.deepEqual(OWN.filter((name) => new RegExp(`\\b${name}\\b`).test(others)), ['refusals']);
  // Of a batch; what a page finds on disk it takes anew.
  assert.match(read('src/store.js'), /\{ \.\.\.batch, saved: key, attempts: 1, refusals: 0,/);
});
