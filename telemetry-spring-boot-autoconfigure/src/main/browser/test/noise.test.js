import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from './support/client.js';
import { isNoise } from '../src/noise.js';
import { createPage } from './support/page.js';

const error = (more) => ({ type: 'error', subtype: 'javascript', message: 'm', location: { url: 'https://shop.example/app.js', line: 1 }, ...more });
const frames = (...urls) => ['Error: m', ...urls.map((url) => `    at f (${url}:1:2)`)].join('\n');

test('an error that lies in browser extensions only', () => {
  for (const url of ['chrome-extension://abc/x.js', 'moz-extension://abc/x.js', 'safari-web-extension://abc/x.js', 'webkit-masked-url://hidden/']) {
    assert.equal(isNoise(error({ stack: frames(url) }), []), true, url);
    assert.equal(isNoise(error({ stack: frames(url, 'https://shop.example/app.js') }), []), false, url);
    assert.equal(isNoise(error({ location: { url, line: 3 } }), []), true, url);
  }
  assert.equal(isNoise(error({ stack: 'f@moz-extension://abc/x.js:1:2\ng@moz-extension://abc/y.js:3:4' }), []), true);
  assert.equal(isNoise(error({ stack: frames('https://shop.example/app.js') }), []), false);
  assert.equal(isNoise(error({ stack: 'Error: m\n    at <anonymous>' }), []), false);
});

test('what a policy or the network kept from an extension', () => {
  assert.equal(isNoise(error({ subtype: 'csp', url: 'chrome-extension' }), []), true);
  assert.equal(isNoise(error({ subtype: 'csp', url: 'inline' }), []), false);
  assert.equal(isNoise(error({ subtype: 'resource', url: 'moz-extension://abc/icon.png', location: undefined }), []), true);
});

test('“Script error.” without a place, and loops of ResizeObserver', () => {
  const nowhere = { location: { url: 'https://shop.example/cart', line: 0, column: 0 } };
  assert.equal(isNoise(error({ message: 'Script error.', ...nowhere }), []), true);
  assert.equal(isNoise(error({ message: 'Script error.' }), []), false);
  assert.equal(isNoise(error({ message: 'Script error. Please reload', ...nowhere }), []), false);
  assert.equal(isNoise(error({ message: 'ResizeObserver loop completed with undelivered notifications.', ...nowhere }), []), true);
  assert.equal(isNoise(error({ message: 'ResizeObserver loop limit exceeded', ...nowhere }), []), true);
  assert.equal(isNoise({ type: 'log', message: 'ResizeObserver loop' }, []), false);
});

const start = (options, { userAgent = 'Test/1.0', config } = {}) => {
  const page = createPage({ config });
  page.window.navigator.userAgent = userAgent;
  const client = createClient({ env: page.env, collectors: [], attributes: {}, options });
  return { page, client };
};

const sent = async ({ page, client }) => {
  await page.advance(0);
  client.flush(1000);
  page.hide();
  await page.advance(0);
  return page.posts().map((post) => post.json());
};

const log = (message) => ({ type: 'log', level: 'info', message });

test('what the page says to ignore is counted, not sent; an expression with g matches every time', async () => {
  const started = start({ ignore: ['third party', /^Timeout of \d+/g] });
  for (const message of ['a third party failed', 'Timeout of 30', 'Timeout of 31', 'Timeout', 'x']) started.client.record(log(message));
  started.client.record(error({ stack: frames('chrome-extension://abc/x.js') }));
  const [batch] = await sent(started);
  assert.deepEqual(batch.events.map((event) => event.message), ['Timeout', 'x']);
  assert.deepEqual(batch.dropped, { noise: 4 });
});

test('the server’s list counts as well', async () => {
  const started = start({ ignore: ['a'] }, { config: { ignore: ['b'] } });
  await started.page.advance(0);
  for (const message of ['a', 'b', 'c']) started.client.record(log(message));
  assert.deepEqual((await sent(started))[0].events.map((event) => event.message), ['c']);
});
