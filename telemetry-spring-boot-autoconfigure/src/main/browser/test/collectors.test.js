import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { consoleCalls } from '../src/collectors/console.js';
import { errors } from '../src/collectors/errors.js';
import { fetchCalls } from '../src/collectors/fetch.js';
import { createPage, settle } from './support/page.js';

const install = (collector, page = createPage()) => {
  const events = [];
  const hooks = new Set();
  const restore = collector.install({
    env: page.env,
    record: (event) => events.push(event),
    note: () => {},
    traceOrigins: () => [],
    draw: () => 1,
    isOwn: (url) => url.startsWith('https://shop.example/chsk/'),
    onHide: (work) => {
      hooks.add(work);
      return () => hooks.delete(work);
    },
  });
  return { page, events, restore, hooks };
};

// errors

test('an uncaught error: message, stack and place, and the page’s own handler is as it was', () => {
  const page = createPage();
  const own = () => {};
  page.window.onerror = own;
  const { events, restore } = install(errors, page);
  const error = new TypeError('x is not a function');
  const event = page.dispatch(page.window, 'error', {
    error, message: 'Uncaught TypeError: x is not a function', filename: 'https://shop.example/app.js?v=1', lineno: 42, colno: 15,
  });
  const [{ stack, ...rest }] = events;
  assert.deepEqual(rest, {
    type: 'error', subtype: 'javascript', name: 'TypeError', message: 'x is not a function', cause: undefined,
    location: { url: 'https://shop.example/app.js', line: 42, column: 15 },
  });
  assert.match(stack, /x is not a function/);
  assert.equal(page.window.onerror, own);
  assert.equal(event.defaultPrevented, false);
  restore();
  page.dispatch(page.window, 'error', { error, message: 'again' });
  assert.equal(events.length, 1);
});

test('an uncaught error without an object keeps the message; anything may be thrown', () => {
  const { page, events } = install(errors);
  page.dispatch(page.window, 'error', { error: null, message: 'Script error.', filename: '', lineno: 0, colno: 0 });
  page.dispatch(page.window, 'error', { error: 'text', message: 'Uncaught text', filename: '', lineno: 1, colno: 1 });
  assert.deepEqual(events.map((event) => event.message), ['Script error.', 'text']);
});

test('an error of an element is not an uncaught error', () => {
  const { page, events } = install(errors);
  page.dispatch(page.window, 'error', {});
  assert.equal(events.length, 0);
});

test('an unhandled rejection: marked, with the place of its stack', () => {
  const { page, events } = install(errors);
  const reason = new Error('late');
  reason.stack = 'Error: late\n    at f (https://shop.example/app.js?v=2:7:9)\n    at g (https://shop.example/b.js:1:1)';
  page.dispatch(page.window, 'unhandledrejection', { reason });
  page.dispatch(page.window, 'unhandledrejection', { reason: undefined });
  assert.equal(events[0].subtype, 'javascript');
  assert.equal(events[0].rejection, true);
  assert.deepEqual(events[0].location, { url: 'https://shop.example/app.js', line: 7, column: 9 });
  assert.equal(events[1].message, 'undefined');
  assert.deepEqual(JSON.parse(JSON.stringify(events[1].location)), { url: 'https://shop.example/cart' });
});

// console

test('console.warn is a log at warn; console.error an error; both are printed first', () => {
  const { page, events } = install(consoleCalls);
  page.window.console.warn('careful', 1);
  page.window.console.error('%s failed after %d ms', 'load', 30, { code: 7 });
  assert.deepEqual(page.printed, [['warn', 'careful', 1], ['error', '%s failed after %d ms', 'load', 30, { code: 7 }]]);
  assert.deepEqual([events[0].type, events[0].level, events[0].message], ['log', 'warn', 'careful 1']);
  assert.deepEqual([events[1].type, events[1].subtype], ['error', 'console']);
  assert.equal(events[1].message, 'load failed after 30 ms {"code":7}');
  assert.equal(events[1].args.length, 4);
});

test('an error among the arguments gives its stack', () => {
  const { page, events } = install(consoleCalls);
  page.window.console.error('saving:', new RangeError('too far'));
  assert.equal(events[0].message, 'saving: RangeError: too far');
  assert.match(events[0].stack, /RangeError: too far/);
});

test('what is printed while arguments are copied is printed, but not collected', () => {
  const { page, events } = install(consoleCalls);
  const loud = { get value() { page.window.console.error('from a getter'); return 1; } };
  page.window.console.error('outer', loud);
  assert.deepEqual(page.printed.map((line) => line[1]), ['outer', 'from a getter']);
  assert.equal(events.length, 1);
});

test('a recorder that prints does not run in circles, and one that throws is not noticed', () => {
  const page = createPage();
  let calls = 0;
  consoleCalls.install({
    env: page.env,
    isOwn: () => false,
    record: () => {
      calls++;
      page.window.console.error('again');
      throw new Error('no');
    },
  });
  page.window.console.error('once');
  assert.equal(calls, 1);
  page.window.console.error('twice');
  assert.equal(calls, 2);
});

test('getters of printed objects are read once', () => {
  const { page } = install(consoleCalls);
  let reads = 0;
  page.window.console.error({ get value() { return ++reads; } });
  assert.equal(reads, 1);
});

test('the original’s result, exception and this are the page’s', () => {
  const page = createPage();
  const seen = [];
  page.window.console.error = function (...args) { seen.push(this); if (args[0] === 'bad') throw new Error('own'); return 'result'; };
  const { events } = install(consoleCalls, page);
  assert.equal(page.window.console.error('good'), 'result');
  assert.equal(seen[0], page.window.console);
  assert.throws(() => page.window.console.error('bad'), /own/);
  assert.equal(events.length, 2);
});

test('restoring gives the very same function back, or steps aside under another wrapper', () => {
  const page = createPage();
  const { warn, error } = page.window.console;
  const { events, restore } = install(consoleCalls, page);
  const ours = page.window.console.error;
  const theirs = (...args) => ours(...args);
  page.window.console.error = theirs;
  restore();
  assert.equal(page.window.console.warn, warn);
  assert.equal(page.window.console.error, theirs);
  page.window.console.error('x');
  assert.equal(events.length, 0);
  assert.equal(page.printed.length, 1);
  page.window.console.error = error;
});

test('a frozen console is left alone', () => {
  const page = createPage();
  Object.freeze(page.window.console);
  const { restore, events } = install(consoleCalls, page);
  page.window.console.error('x');
  restore();
  assert.equal(events.length, 0);
});

// fetch

const answering = (answer) => {
  const page = createPage();
  page.window.fetch = answer;
  return page;
};

test('a fetch becomes a metric; the page gets the very same response', async () => {
  const response = Response.json({ a: 1 });
  const page = answering(() => Promise.resolve(response));
  const { events } = install(fetchCalls, page);
  const got = page.window.fetch('/api/cart?secret=1', { method: 'post' });
  await page.clock.advance(0);
  assert.equal(await got, response);
  assert.equal(response.bodyUsed, false);
  await page.advance(300);
  assert.deepEqual(JSON.parse(JSON.stringify(events)), [{
    type: 'metric', subtype: 'api-call', sampleRate: 1, timestamp: 1767225601000, url: 'https://shop.example/api/cart', method: 'POST', status: 200, durationMs: 0, cached: false,
  }]);
});

test('duration is measured, and what came from the cache is said to', async () => {
  const page = answering(() => new Promise((resolve) => page.clock.setTimeout(() => resolve(new Response('')), 120)));
  const { events } = install(fetchCalls, page);
  page.window.fetch(new URL('https://shop.example/a'));
  page.resources.push({ name: 'https://shop.example/a', startTime: 1000, transferSize: 0, decodedBodySize: 10 });
  await page.advance(1000);
  assert.equal(events[0].durationMs, 120);
  assert.equal(events[0].cached, true);
});

test('an older entry for the same address does not make a call cached', async () => {
  const page = answering(() => Promise.resolve(new Response('')));
  page.resources.push({ name: 'https://shop.example/a', startTime: 10, transferSize: 0, decodedBodySize: 10 });
  const { events } = install(fetchCalls, page);
  page.window.fetch('https://shop.example/a');
  await page.advance(1000);
  assert.equal(events[0].cached, false);
});

test('a 5xx is a metric and an error; a 4xx only a metric', async () => {
  const page = answering((url) => Promise.resolve(new Response('', { status: url === '/bad' ? 503 : 404 })));
  const { events } = install(fetchCalls, page);
  page.window.fetch('/bad');
  page.window.fetch('/missing');
  await page.advance(1000);
  const [error, ...metrics] = events;
  assert.deepEqual([error.type, error.subtype, error.status], ['error', 'network', 503]);
  assert.equal(error.message, 'GET https://shop.example/bad answered 503');
  assert.deepEqual(metrics.map((metric) => [metric.type, metric.status]), [['metric', 503], ['metric', 404]]);
});

test('a failure is a metric and an error, and the page’s rejection is the original one', async () => {
  const failure = new TypeError('Failed to fetch');
  const page = answering(() => Promise.reject(failure));
  const { events } = install(fetchCalls, page);
  await assert.rejects(page.window.fetch({ url: 'https://other.example/x', method: 'PUT' }), (thrown) => thrown === failure);
  await page.advance(1000);
  assert.deepEqual(events.map((event) => [event.type, event.method, event.status]), [['error', 'PUT', 0], ['metric', 'PUT', 0]]);
  assert.match(events[0].message, /^PUT https:\/\/other\.example\/x failed: Failed to fetch$/);
});

test('a page that does not catch its own rejection still has it unhandled', async () => {
  // In a process of its own: here the test runner would take the rejection for its own failure.
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(new URL('support/uncaught-fetch.js', import.meta.url))]);
  assert.equal(stdout, 'unhandled: Failed to fetch\nevents: 1\n');
});

test('an aborted call is no error', async () => {
  const page = answering(() => Promise.reject(new DOMException('gone', 'AbortError')));
  const { events } = install(fetchCalls, page);
  await assert.rejects(page.window.fetch('/x'));
  await page.advance(1000);
  assert.deepEqual(events.map((event) => [event.type, event.aborted]), [['metric', true]]);
});

test('the client’s own requests are not collected', async () => {
  const { page, events } = install(fetchCalls, answering(() => Promise.resolve(new Response(''))));
  page.window.fetch('/chsk/batch', { method: 'POST' });
  await page.advance(1000);
  assert.equal(events.length, 0);
});

test('strange arguments and strange results pass through untouched', async () => {
  const thrown = new Error('sync');
  const page = answering((input) => { if (input === 'throw') throw thrown; return input; });
  const { events } = install(fetchCalls, page);
  assert.throws(() => page.window.fetch('throw'), (error) => error === thrown);
  assert.equal(page.window.fetch(undefined), undefined);
  assert.equal(page.window.fetch('plain'), 'plain');
  await page.advance(1000);
  assert.equal(events.length, 0);
});

test('hiding reports what still waits for its entry; leaving restores fetch', async () => {
  const page = answering(() => Promise.resolve(new Response('')));
  const original = page.window.fetch;
  const { events, hooks, restore } = install(fetchCalls, page);
  page.window.fetch('/x');
  await settle();
  assert.equal(events.length, 0);
  hooks.forEach((hook) => hook());
  assert.equal(events.length, 1);
  await page.advance(1000);
  assert.equal(events.length, 1);
  restore();
  assert.equal(page.window.fetch, original);
  assert.equal(hooks.size, 0);
});
