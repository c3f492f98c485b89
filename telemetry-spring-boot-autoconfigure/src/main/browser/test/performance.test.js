import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from 'esbuild';
import { createBrowser } from './support/browser.js';
import { createPage } from './support/page.js';
import { createTimeline } from './support/timeline.js';
import { element, install } from './support/install.js';
import { attribution } from '../src/collectors/attribution.js';
import { longFrames } from '../src/collectors/long-frames.js';
import { pageLoad } from '../src/collectors/page-load.js';
import { webVitals } from '../src/collectors/vitals.js';

// Page load

const NAVIGATION = {
  name: 'https://shop.example/cart?token=1', entryType: 'navigation', type: 'navigate', activationStart: 0,
  domainLookupStart: 10, domainLookupEnd: 55, connectStart: 55, secureConnectionStart: 100, connectEnd: 175.4,
  requestStart: 176, responseStart: 180, responseEnd: 300, domInteractive: 400, domContentLoadedEventEnd: 520.6, loadEventEnd: 900,
};

const loadOf = (entry, resources = []) => {
  const page = createPage();
  page.window.performance.getEntriesByType = (type) => (type === 'resource' ? resources : []);
  return pageLoad(page.window, { ...NAVIGATION, ...entry }, (url) => url.startsWith('https://shop.example/chsk/'));
};

test('the load of the page: phases that follow each other, resources without the client’s own', () => {
  assert.deepEqual(loadOf({}, [
    { name: 'https://shop.example/app.js', transferSize: 2048 },
    { name: 'https://cdn.example/font' },
    { name: 'https://shop.example/chsk/config', transferSize: 10240 },
  ]), {
    type: 'metric',
    subtype: 'page-load',
    url: 'https://shop.example/cart',
    timing: { dnsMs: 45, connectMs: 45, tlsMs: 75, responseMs: 124, domContentLoadedMs: 521, loadMs: 900 },
    resources: { count: 2, totalKb: 2 },
  });
});

test('a connection without encryption, or one that was there', () => {
  assert.deepEqual([loadOf({ secureConnectionStart: 0 }).timing.connectMs, loadOf({ secureConnectionStart: 0 }).timing.tlsMs], [120, 0]);
});

test('what was prepared before the visitor saw the page has cost no time', () => {
  const { timing } = loadOf({ activationStart: 600 });
  assert.deepEqual([timing.domContentLoadedMs, timing.loadMs], [0, 300]);
});

// Web vitals; that the values are those of the library is held by vitals.test.js

test('web vitals: each with unit and the page it began on; the last ones when the page hides', async () => {
  const page = createPage();
  const browser = createBrowser({ navigation: NAVIGATION, readyState: 'complete' });
  Object.assign(browser.window, { location: page.window.location });
  Object.assign(browser.document, { baseURI: page.document.baseURI });
  const events = [];
  const tools = { env: browser.env, isOwn: () => false, record: (event) => events.push(JSON.parse(JSON.stringify(event))), onHide: browser.onHide };
  const restore = webVitals.install(tools);
  await browser.turn();
  const [load, ttfb] = events.splice(0);
  assert.deepEqual([load.subtype, load.navigationType, load.timing.loadMs], ['page-load', 'navigate', 900]);
  assert.deepEqual(ttfb, {
    type: 'metric', subtype: 'web-vital', metricName: 'TTFB', metricId: 'visit-1', value: 180, unit: 'ms',
    navigationType: 'navigate', url: 'https://shop.example/cart',
  });

  const withdraw = attribution.install(tools);
  const moved = { nodeType: 3, parentNode: element('p', { id: 'price' }) };
  const image = element('img', { class: 'hero wide' });
  const button = element('button', { id: 'pay' }, { parent: element('div', {}, { matches: ['[data-private]'] }) });
  browser.see({ entryType: 'paint', name: 'first-contentful-paint', startTime: 700.12345 });
  browser.see({ entryType: 'largest-contentful-paint', startTime: 2700, element: image, url: 'https://cdn.example/hero.png?signature=1' });
  browser.see({ entryType: 'event', name: 'pointerup', interactionId: 7, startTime: 3000, duration: 600, target: button });
  browser.see({ entryType: 'layout-shift', startTime: 3000, value: 0.01, sources: [] });
  browser.see({ entryType: 'layout-shift', startTime: 3100, value: 0.12345678, sources: [{ node: moved }] });
  browser.at(4000);
  browser.hide();
  await browser.turn();
  const vitals = Object.fromEntries(events.map((event) => [event.metricName, event]));
  assert.deepEqual(Object.keys(vitals).sort(), ['CLS', 'FCP', 'INP', 'LCP']);
  assert.deepEqual([vitals.FCP.value], [700.1235]);
  assert.deepEqual([vitals.CLS.value, vitals.CLS.unit, vitals.CLS.element], [0.1335, undefined, 'p#price']);
  assert.deepEqual([vitals.LCP.value, vitals.LCP.element, vitals.LCP.resource],
    [2700, 'img.hero.wide', 'https://cdn.example/hero.png']);
  // Private: its tag alone
  assert.deepEqual([vitals.INP.value, vitals.INP.element, vitals.INP.eventType], [600, 'button', 'pointerup']);

  withdraw();
  assert.equal(tools.attribute, undefined);
  events.length = 0;
  restore();
  browser.see({ entryType: 'layout-shift', startTime: 3200, value: 0.5, sources: [] });
  browser.hide();
  await browser.turn();
  assert.equal(events.length, 0);
});

// Long frames

const framesOn = (types, again) => {
  const page = createPage();
  const line = createTimeline(types);
  page.window.PerformanceObserver = line.PerformanceObserver;
  return { line, ...install(longFrames, { page, again }) };
};

test('a long frame with the script that took longest, asked for from before the client came', () => {
  const { line, events, restore } = framesOn(['long-animation-frame', 'longtask']);
  assert.deepEqual([...line.observers].map((observer) => observer.options), [{ type: 'long-animation-frame', buffered: true }]);
  line.add('long-animation-frame', {
    startTime: 100, duration: 240.4, blockingDuration: 130.2,
    scripts: [
      { sourceURL: 'https://shop.example/a.js?v=1', sourceFunctionName: 'quick', duration: 20 },
      { sourceURL: 'https://shop.example/b.js?v=1', sourceFunctionName: 'slow', duration: 200.2 },
    ],
  });
  assert.deepEqual(events, [{
    type: 'metric', subtype: 'long-frame', durationMs: 240, blockingMs: 130,
    script: { url: 'https://shop.example/b.js', function: 'slow', durationMs: 200 },
  }]);
  restore();
  assert.equal(line.observers.size, 0);
});

test('installed again, what was told or was not to be told before is not asked for', () => {
  for (const types of [['long-animation-frame', 'longtask'], ['longtask']]) {
    const { line } = framesOn(types, true);
    assert.deepEqual([...line.observers].map((observer) => observer.options), [{ type: types[0], buffered: false }]);
  }
});

test('a frame that the browser has still in hand when the page hides is told of', () => {
  const { line, events, hide, restore } = framesOn(['longtask']);
  line.hold('longtask', { duration: 70 });
  assert.equal(events.length, 0);
  hide();
  assert.deepEqual(events.map(({ durationMs }) => durationMs), [70]);
  restore();
  line.hold('longtask', { duration: 80 });
  hide();
  assert.equal(events.length, 1);
});

test('a frame that blocks nobody is told from 150 ms on', () => {
  const { line, events } = framesOn(['long-animation-frame']);
  line.add('long-animation-frame', { duration: 149, blockingDuration: 0, scripts: [] }, { duration: 150, blockingDuration: 0, scripts: [] });
  assert.deepEqual(events.map(({ durationMs, script }) => [durationMs, script]), [[150, undefined]]);
});

test('where frames are unknown, long tasks', () => {
  const { line, events } = framesOn(['longtask']);
  line.add('longtask', { startTime: 100, duration: 70.6 });
  assert.deepEqual(events, [{ type: 'metric', subtype: 'long-task', durationMs: 71, blockingMs: 21, script: undefined }]);
});

test('a page that is slow throughout is told fifty times; the rest is counted', () => {
  const { line, events, counts } = framesOn(['longtask']);
  for (let i = 0; i < 60; i++) line.add('longtask', { startTime: i * 1000, duration: 60 });
  assert.equal(events.length, 50);
  assert.deepEqual(counts, { 'long-frames': 10 });
});

// What a bundler leaves out

const bundleOf = async (contents) => {
  const resolveDir = new URL('../src', import.meta.url).pathname;
  const { metafile } = await build({ stdin: { contents, resolveDir }, bundle: true, format: 'esm', write: false, metafile: true, treeShaking: true });
  return Object.entries(Object.values(metafile.outputs)[0].inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 20).map(([file]) => file).join(' ');
};

test('a page that starts with some collectors does not bundle the others', async () => {
  const files = await bundleOf("import { errors, initWith } from './module.js'; initWith([errors]);");
  assert.match(files, /collectors\/errors\.js/);
  assert.doesNotMatch(files, /vitals\.js|page-load|long-frames|interactions|resources|reports|console\.js|fetch\.js/);
  assert.match(await bundleOf("import { init } from './module.js'; init();"), /interactions.*vitals/);
});
