import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchCalls } from '../src/collectors/fetch.js';
import { xhrCalls } from '../src/collectors/xhr.js';
import { createApi } from './support/api.js';
import { createPage, settle } from './support/page.js';

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/;

/** A request object as browsers make them, with a network that the test plays. */
const createXhr = (page) => {
  const asked = [];
  class XMLHttpRequest extends EventTarget {
    readyState = 0;
    status = 0;

    open(method, url, async = true) {
      if (method === 'TRACE') throw new DOMException('no', 'SecurityError');
      Object.assign(this, { method, url, async, headers: {}, sent: false, readyState: 1, status: 0 });
    }

    setRequestHeader(name, value) {
      const key = name.toLowerCase();
      this.headers[key] = key in this.headers ? `${this.headers[key]}, ${value}` : value;
    }

    send(body) {
      if (this.readyState !== 1 || this.sent) throw new DOMException('not open', 'InvalidStateError');
      this.sent = true;
      asked.push({ url: this.url, headers: this.headers, body });
      if (!this.async) page.answerNow(this);
      return undefined;
    }

    end(type, status = 0) {
      Object.assign(this, { readyState: 4, status });
      const steps = [() => this.onreadystatechange?.(), () => this.dispatchEvent(new Event(type)), () => this.dispatchEvent(new Event('loadend'))];
      // A handler that opens the object again ends the row.
      steps.forEach((step) => this.readyState === 4 && step());
    }
  }
  page.window.XMLHttpRequest = XMLHttpRequest;
  return { asked, XMLHttpRequest };
};

const install = (collector, prepare = () => {}) => {
  const page = createPage();
  const events = [];
  const notes = [];
  const origins = [];
  let ids = 0;
  page.env.id = () => (++ids).toString(16).padStart(32, 'a');
  page.window.origin = 'https://shop.example';
  page.window.Headers = Headers;
  const xhr = createXhr(page);
  const asked = [];
  page.window.fetch = (...args) => {
    asked.push(args);
    return Promise.resolve(new Response(''));
  };
  prepare(page);
  const sampling = { rate: 1 };
  const restore = collector.install({
    env: page.env,
    record: (event) => events.push(event),
    note: (event) => notes.push(event),
    isOwn: (url) => url.startsWith('https://shop.example/chsk'),
    onHide: () => () => {},
    traceOrigins: () => origins,
    draw: () => sampling.rate,
  });
  return { page, events, notes, origins, restore, asked, xhr, sampling };
};

const headerOf = ([input, init]) => new Headers(init?.headers ?? input.headers).get('traceparent');

// traceparent

test('a request to the page’s own origin begins a trace, which its event tells', async () => {
  const { page, asked, events } = install(fetchCalls);
  page.window.fetch('/a');
  page.window.fetch('/b');
  await page.advance(400);
  const [first, second] = asked.map(headerOf);
  assert.match(first, TRACEPARENT);
  assert.notEqual(first, second);
  assert.deepEqual(events.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`), [first, second]);
});

test('the server is told to record the traces whose half the browser sends, and no others', async () => {
  const { page, asked, events, sampling } = install(fetchCalls);
  sampling.rate = 0.1;
  page.window.fetch('/kept');
  sampling.rate = 0;
  page.window.fetch('/left-out');
  sampling.rate = undefined;
  page.window.fetch('/undecided');
  await page.advance(400);
  assert.deepEqual(asked.map((call) => headerOf(call).slice(-3)), ['-01', '-00', '-01']);
  assert.deepEqual(events.map((event) => event.sampleRate), [0.1, 0, undefined]);
});

test('other origins get no trace, those that are named do, and that may change', async () => {
  const { page, asked, events, origins } = install(fetchCalls);
  page.window.fetch('https://api.example/a');
  origins.push('https://api.example');
  page.window.fetch('https://api.example/a');
  page.window.fetch('https://api.example.evil.example/a');
  origins.pop();
  page.window.fetch('https://api.example/a');
  await page.advance(400);
  assert.deepEqual(asked.map((args) => args.length), [1, 2, 1, 1]);
  assert.match(headerOf(asked[1]), TRACEPARENT);
  assert.deepEqual(events.map((event) => 'traceId' in event && event.traceId !== undefined), [false, true, false, false]);
});

test('origins come from the server, as fetched and as pushed, and from the page besides', async () => {
  const page = createPage({ config: { trace: { origins: ['https://a.example'] } } });
  const { telemetry, start } = createApi(page.window, () => page.env);
  page.window.Headers = Headers;
  start([fetchCalls], () => ({}), {});
  await settle();
  page.socket().connect();
  page.network.answer = () => new Response('');
  const traced = () => ['a', 'b', 'c'].filter((name) => {
    page.window.fetch(`https://${name}.example/`);
    return page.requests.findLast(({ url }) => url.includes(`//${name}.`)).headers;
  });
  assert.deepEqual(traced(), ['a']);
  telemetry.init({ trace: { origins: ['https://b.example'] } });
  assert.deepEqual(traced(), ['a', 'b']);
  page.socket().message('/user/queue/control', { type: 'config', config: { trace: { origins: ['https://c.example'] } } });
  assert.deepEqual(traced(), ['b', 'c']);
});

test('nothing is added to what can’t carry it, or to the client’s own requests', async () => {
  const { page, asked } = install(fetchCalls);
  const request = { url: 'https://shop.example/a', mode: 'no-cors', headers: new Headers() };
  class Init {
    get method() { return 'PUT'; }
  }
  const inits = [{ mode: 'no-cors' }, new Init()];
  for (const init of inits) page.window.fetch('/a', init);
  page.window.fetch(request);
  page.window.fetch('/chsk/batch', { method: 'POST' });
  assert.deepEqual(asked.map(([, init]) => init?.headers), [undefined, undefined, undefined, undefined]);
  assert.equal(asked[0][1], inits[0]);
  assert.equal(asked[1][1], inits[1]);
  assert.equal(asked[2][0], request);
});

test('in a sandboxed frame every origin is foreign', () => {
  const { page, asked } = install(fetchCalls, (page) => { page.window.origin = 'null'; });
  page.window.fetch('/a');
  assert.equal(asked[0].length, 1);
});

test('headers of every form keep what they hold', () => {
  const { page, asked } = install(fetchCalls);
  const forms = [{ 'X-A': '1', Accept: 'text/x' }, [['X-A', '1'], ['Accept', 'text/x']], new Headers({ 'X-A': '1', Accept: 'text/x' })];
  for (const headers of forms) page.window.fetch('/a', Object.freeze({ method: 'POST', body: 'b', headers }));
  for (const [index, [, init]] of asked.entries()) {
    const sent = new Headers(init.headers);
    assert.equal(sent.get('x-a'), '1');
    assert.equal(sent.get('accept'), 'text/x');
    assert.match(sent.get('traceparent'), TRACEPARENT);
    assert.deepEqual([init.method, init.body], ['POST', 'b']);
    assert.equal(new Headers(forms[index]).has('traceparent'), false, 'the page’s own object is as it was');
  }
});

test('a Request keeps its headers and its referrer, and may be fetched again', () => {
  const { page, asked } = install(fetchCalls);
  const request = new Request('https://shop.example/a', { headers: { 'X-A': '1' }, referrerPolicy: 'no-referrer' });
  page.window.fetch(request);
  page.window.fetch(request);
  page.window.fetch(request, { headers: { 'X-B': '2' } });
  assert.deepEqual(asked.map(([input]) => input === request), [true, true, true]);
  const [first, second, third] = asked.map(([, init]) => init);
  assert.equal(first.headers.get('x-a'), '1');
  assert.equal(first.referrerPolicy, 'no-referrer');
  assert.notEqual(first.headers.get('traceparent'), second.headers.get('traceparent'));
  assert.deepEqual([third.headers.get('x-a'), third.headers.get('x-b'), 'referrer' in third], [null, '2', false]);
  assert.equal(request.headers.has('traceparent'), false);
});

test('a trace that the request already carries is left, and told', async () => {
  const own = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`;
  const { page, asked, events } = install(fetchCalls);
  page.window.fetch('/a', { headers: { TraceParent: own } });
  page.window.fetch(new Request('https://shop.example/b', { headers: { traceparent: own } }));
  await page.advance(400);
  assert.deepEqual(asked.map(headerOf), [own, own]);
  assert.deepEqual(events.map((event) => [event.traceId, event.spanId]), [['1'.repeat(32), '2'.repeat(16)], ['1'.repeat(32), '2'.repeat(16)]]);
});

test('headers that no browser takes reach the browser, and the call is still watched', async () => {
  const { page, asked, events } = install(fetchCalls);
  const init = { headers: { 'not a name': '1' } };
  page.window.fetch('/a', init);
  await page.advance(400);
  assert.equal(asked[0][1], init);
  assert.equal(events.length, 1);
});

// fetch

test('options are read once', () => {
  const { page, asked } = install(fetchCalls);
  let reads = 0;
  page.window.fetch('/a', { get method() { reads++; return 'PUT'; } });
  assert.equal(asked[0][1].method, 'PUT');
  assert.equal(reads, 1);
});

test('whatever reason the page aborts with is no error; a timeout of its own is one', async () => {
  const reasons = ['unmounted', new Error('superseded'), new DOMException('late', 'TimeoutError')];
  const { page, events } = install(fetchCalls, (page) => {
    page.window.fetch = (url, { signal }) => new Promise((resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  for (const reason of reasons) {
    const controller = new AbortController();
    const call = page.window.fetch('/a', { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(call, (thrown) => thrown === reason);
  }
  await page.advance(400);
  assert.deepEqual(events.filter(({ type }) => type === 'error').map(({ message }) => message), ['GET https://shop.example/a failed: late']);
  assert.deepEqual(events.filter(({ type }) => type === 'metric').map(({ aborted }) => aborted), [true, true, undefined]);
});

test('the size is that of the browser’s entry, absent where there is none', async () => {
  const { page, events } = install(fetchCalls);
  page.resources.push({ name: 'https://shop.example/a', startTime: 1000, transferSize: 900, encodedBodySize: 600, decodedBodySize: 2000 });
  page.window.fetch('/a');
  page.window.fetch('/b');
  await page.advance(400);
  assert.deepEqual(events.map(({ bytes, cached }) => [bytes, cached]), [[600, false], [undefined, false]]);
});

test('a wrapper around ours that tries again makes two calls, one within sees both', async () => {
  let within = 0;
  const { page, events, asked } = install(fetchCalls, (page) => {
    const { fetch } = page.window;
    page.window.fetch = (...args) => {
      within++;
      return fetch(...args);
    };
  });
  const ours = page.window.fetch;
  page.window.fetch = (...args) => ours(...args).then(() => ours(...args));
  page.window.fetch('/a', { headers: { 'X-A': '1' } });
  await page.advance(400);
  assert.equal(within, 2);
  assert.equal(events.length, 2);
  assert.notEqual(headerOf(asked[0]), headerOf(asked[1]));
});

test('what answers goes into the trail at once, what fails as its error', async () => {
  const { page, notes, events } = install(fetchCalls, (page) => {
    page.window.fetch = (url) => (url === '/bad' ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve(new Response('', { status: 404 })));
  });
  page.window.fetch('/a?token=1');
  page.window.fetch('/bad').catch(() => {});
  await settle();
  assert.deepEqual(notes.map(({ type, subtype, message }) => [type, subtype, message]), [['metric', 'api-call', 'GET https://shop.example/a answered 404']]);
  assert.deepEqual(events.map(({ type }) => type), ['error']);
});

// XMLHttpRequest

test('an XMLHttpRequest becomes a metric with the trace that it carried', async () => {
  const { page, events, xhr } = install(xhrCalls);
  const request = new page.window.XMLHttpRequest();
  request.open('post', '/api/cart?secret=1');
  request.setRequestHeader('X-A', '1');
  request.send('body');
  await page.clock.advance(120);
  page.resources.push({ name: 'https://shop.example/api/cart?secret=1', startTime: 1000, transferSize: 0, encodedBodySize: 7, decodedBodySize: 7 });
  request.end('load', 201);
  await page.advance(400);
  const [{ traceId, spanId, timestamp, ...event }] = JSON.parse(JSON.stringify(events));
  assert.deepEqual(event, {
    type: 'metric', subtype: 'api-call', sampleRate: 1, url: 'https://shop.example/api/cart', method: 'POST', status: 201, durationMs: 120, cached: true, bytes: 7,
  });
  assert.equal(timestamp, 1767225601120);
  const [{ headers, body }] = xhr.asked;
  assert.deepEqual(headers, { 'x-a': '1', traceparent: `00-${traceId}-${spanId}-01` });
  assert.equal(body, 'body');
});

test('a failure and a timeout are errors, an abort is none, a 5xx is one', async () => {
  const { page, events } = install(xhrCalls);
  for (const [type, status] of [['error', 0], ['timeout', 0], ['abort', 0], ['load', 503], ['load', 404]]) {
    const request = new page.window.XMLHttpRequest();
    request.open('GET', `/${type}`);
    request.send();
    request.end(type, status);
  }
  await page.advance(400);
  assert.deepEqual(events.filter(({ type }) => type === 'error').map(({ message }) => message), [
    'GET https://shop.example/error failed: error', 'GET https://shop.example/timeout failed: timeout', 'GET https://shop.example/load answered 503',
  ]);
  assert.deepEqual(events.filter(({ type }) => type === 'metric').map(({ status, aborted }) => [status, aborted]), [
    [0, undefined], [0, undefined], [0, true], [503, undefined], [404, undefined],
  ]);
});

test('one object for many requests, also from within its own handlers', async () => {
  const { page, events, xhr } = install(xhrCalls);
  const request = new page.window.XMLHttpRequest();
  const again = (url) => {
    request.open('GET', url);
    request.send();
  };
  request.onreadystatechange = () => { if (request.url === '/1') again('/2'); };
  request.addEventListener('load', () => { if (request.url === '/2') again('/3'); });
  again('/1');
  request.end('load', 200);
  request.end('load', 201);
  again('/4');
  request.end('load', 202);
  await page.advance(400);
  assert.deepEqual(events.map(({ url, status, aborted }) => [url.slice(-2), status, aborted]), [
    ['/1', 200, undefined], ['/2', 201, undefined], ['/3', 0, true], ['/4', 202, undefined],
  ]);
  assert.equal(new Set(xhr.asked.map(({ headers }) => headers.traceparent)).size, 4);
});

test('a synchronous one works, also when it fails', async () => {
  const { page, events } = install(xhrCalls, (page) => {
    page.answerNow = (request) => {
      if (request.url === '/ok') return request.end('load', 200);
      request.readyState = 4;
      throw new DOMException('no network', 'NetworkError');
    };
  });
  const request = new page.window.XMLHttpRequest();
  request.open('GET', '/ok', false);
  request.send();
  assert.equal(request.status, 200);
  request.open('GET', '/bad', false);
  assert.throws(() => request.send(), /no network/);
  await page.advance(400);
  assert.deepEqual(events.map(({ type, status }) => [type, status]), [['error', 0], ['metric', 200], ['metric', 0]]);
});

test('a trace that the page has set is left; other origins get none', () => {
  const own = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`;
  const { page, xhr } = install(xhrCalls);
  const request = new page.window.XMLHttpRequest();
  request.open('GET', '/a');
  request.setRequestHeader('TraceParent', own);
  request.send();
  const other = new page.window.XMLHttpRequest();
  other.open('GET', 'https://other.example/a');
  other.send();
  assert.deepEqual(xhr.asked.map(({ headers }) => headers), [{ traceparent: own }, {}]);
});

test('the page’s mistakes stay its own: exceptions, order of listeners, the client’s own addresses', async () => {
  const { page, events } = install(xhrCalls);
  const request = new page.window.XMLHttpRequest();
  assert.throws(() => request.send(), /not open/);
  assert.throws(() => request.open('TRACE', '/a'), /no/);
  request.open('POST', '/chsk/batch');
  request.send();
  assert.throws(() => request.send(), /not open/);
  request.end('load', 202);
  const order = [];
  request.addEventListener('load', () => order.push('first'));
  request.open('GET', '/a');
  request.send();
  request.addEventListener('load', () => order.push('second'));
  request.end('load', 200);
  await page.advance(400);
  assert.deepEqual(order, ['first', 'second']);
  assert.deepEqual(events.map(({ url }) => url), ['https://shop.example/a']);
});

test('leaving gives the prototype back; a request that runs meanwhile ends quietly', async () => {
  const { page, events, restore, xhr } = install(xhrCalls, (page) => { page.before = Object.getOwnPropertyDescriptors(page.window.XMLHttpRequest.prototype); });
  const request = new page.window.XMLHttpRequest();
  request.open('GET', '/a');
  restore();
  request.send();
  request.end('load', 200);
  await page.advance(400);
  assert.deepEqual(Object.getOwnPropertyDescriptors(xhr.XMLHttpRequest.prototype), page.before);
  assert.equal(events.length, 0);
});

test('no XMLHttpRequest, or a frozen one, is no reason to fail', () => {
  install(xhrCalls, (page) => { delete page.window.XMLHttpRequest; }).restore();
  install(xhrCalls, (page) => { Object.freeze(page.window.XMLHttpRequest.prototype); }).restore();
});
