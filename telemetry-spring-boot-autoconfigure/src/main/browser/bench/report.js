/**
 * What the client costs, beside its peers, all in one run of one Chromium; prints a table in Markdown. Takes some
 * minutes. Needs an installed Chromium: CHROMIUM names it where it is not in the usual place.
 */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { contestants } from './contestants.js';
import { serve } from './server.js';

const ROUNDS = 20;
const LOAD_ROUNDS = 5;
const SHARE_SECONDS = 20;
const EVENTS_A_SECOND = 50;

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const round = (value, digits) => Number(value.toFixed(digits));
const shuffled = (list) => list.map((one) => [Math.random(), one]).sort(([a], [b]) => a - b).map(([, one]) => one);

const list = await contestants();
const { url, seen, close } = await serve(list);
// Addresses as they are in production: a name and no port.
const SITE = 'shop.localhost';
const browser = await chromium.launch({
  executablePath,
  args: ['--headless', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    `--host-resolver-rules=MAP ${SITE}:80 ${new URL(url).host}`],
});

/** Of the thread's own time: what others do on the machine does not count. */
const watch = (cdp) => cdp.send('Performance.enable', { timeDomain: 'threadTicks' });

/** A page of its own process, and what its engine tells of it. */
const open = async (path, before) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  if (before) await page.addInitScript(before);
  const cdp = await context.newCDPSession(page);
  await watch(cdp);
  await page.goto(`http://${SITE}${path}`, { waitUntil: 'load' });
  return { page, cdp, close: () => context.close() };
};

/** @returns {Promise<number>} seconds that the main thread was busy since the page began */
const busy = async (cdp) => (await cdp.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value;

/** Parse and run. The code is made another each time, or the browser would take it from its cache. */
const initialise = async ({ code }, n) => {
  const { page, cdp, close } = await open('/blank.html');
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  const ms = await page.evaluate((text) => {
    const script = document.createElement('script');
    script.textContent = text;
    const begun = performance.now();
    document.head.append(script);
    return performance.now() - begun;
  }, `/* ${n} ${Math.random()} */${code}`);
  await close();
  return ms;
};

/** What a page with it takes up, and how long it keeps the main thread in its first second: what is put off counts as well. */
const load = async ({ id }) => {
  const { page, cdp, close } = await open(`/${id}.html`);
  await page.waitForTimeout(1000);
  const ms = (await busy(cdp)) * 1000;
  for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  await close();
  return { usedSize, ms };
};

/** Neither the network nor the printing is asked for: what is left is the wrapper. */
const silence = () => {
  const { fetch } = window;
  window.fetch = (input, init) => (String(input) === '/ok' ? Promise.resolve(new Response('{}')) : fetch(input, init));
  console.error = () => {};
};

/** Microseconds of one call, the middle one of many groups of ten: clocks are too coarse for one. */
const collect = async ({ id }) => {
  const { page, close } = await open(`/${id}.html`, silence);
  await page.waitForTimeout(500);
  const result = await page.evaluate(async () => {
    const calls = {
      log: (i) => window.bench.log(`The cart has ${i} items`, { step: 'checkout', items: i, user: { plan: 'pro' } }),
      fetch: () => { fetch('/ok').catch(() => {}); },
      console: (i) => console.error('Payment refused', { order: i, reason: 'limit' }),
    };
    const times = {};
    for (const [name, call] of Object.entries(calls)) {
      const groups = [];
      for (let n = 0; n < 60; n++) {
        const begun = performance.now();
        for (let i = 0; i < 10; i++) call(n * 10 + i);
        groups.push((performance.now() - begun) * 100);
        // What is sent meanwhile is measured elsewhere.
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      times[name] = groups.sort((a, b) => a - b)[groups.length >> 1];
    }
    return times;
  });
  await close();
  return result;
};

/** Copying and writing one event; from the sources, since the built file shows nothing of its inside. */
const serialise = async () => {
  const { page, close } = await open('/blank.html');
  const us = await page.evaluate(async () => {
    const { toItem } = await import('/src/batch.js');
    const { snapshot } = await import('/src/snapshot.js');
    const { stack } = new Error('Cannot read properties of undefined');
    const event = { type: 'error', subtype: 'javascript', severity: 'high', timestamp: 1, name: 'TypeError', message: 'Cannot read properties of undefined', stack, location: { url: location.href, line: 4, column: 7 }, context: { cart: { items: [1, 2, 3], total: 12.5 }, plan: 'pro' } };
    const groups = [];
    for (let n = 0; n < 100; n++) {
      const begun = performance.now();
      for (let i = 0; i < 10; i++) toItem(snapshot({ ...event, timestamp: i }), 1, false);
      groups.push((performance.now() - begun) * 100);
    }
    return groups.sort((a, b) => a - b)[groups.length >> 1];
  });
  await close();
  return us;
};

/** Of ten: a failure, a metric, four render times, two of what the visitor did, two log lines; no two alike. */
const flush = async () => {
  const { page, cdp, close } = await open('/ours.html');
  await page.waitForTimeout(1000);
  await page.evaluate(() => {
    window.fill = (count) => {
      for (let i = 0; i < count; i++) {
        const n = Math.floor(Math.random() * 1e6);
        const context = { order: n, cents: n % 9999, steps: ['cart', 'address', 'payment'], referrer: `/search/${n % 977}` };
        if (i % 10 === 0) Telemetry.error(new TypeError(`Cannot read properties of undefined (reading 'item${n}')`), context);
        else if (i % 10 === 1) Telemetry.metric('cart-size', n, 'items');
        else if (i % 10 < 6) Telemetry.render(`List${n % 40}`, n / 1000, n % 100);
        else if (i % 10 < 8) Telemetry.track('product-viewed', { product: n, list: 'search', position: n % 20, price: n / 100 });
        else Telemetry.log('info', `Order ${n} was placed after ${n % 7} steps`, context);
      }
    };
  });
  const sync = [];
  const task = [];
  for (let n = 0; n < 20; n++) {
    const before = await busy(cdp);
    await page.evaluate(() => undefined);
    const idle = (await busy(cdp)) - before;
    Object.assign(seen, { events: 0, bytes: 0, compressed: 0 });
    const begun = await busy(cdp);
    sync.push(await page.evaluate(async () => {
      window.fill(100);
      const begun = performance.now();
      const arrived = Telemetry.flush();
      // What it goes on with in microtasks.
      for (let i = 0; i < 20; i++) await undefined;
      const took = performance.now() - begun;
      if (!(await arrived)) throw new Error('not delivered');
      return took;
    }));
    task.push(((await busy(cdp)) - begun - idle) * 1000);
  }
  await close();
  return { sync: median(sync), task: median(task), ...seen };
};

/** Percent of the main thread at a steady rate, the page's own work included: that of the empty page is taken off. */
const share = async ({ id }) => {
  const { page, cdp, close } = await open(`/${id}.html`);
  await page.waitForTimeout(1000);
  const begun = await busy(cdp);
  await page.evaluate(
    ([seconds, rate]) =>
      new Promise((resolve) => {
        let i = 0;
        const timer = setInterval(() => {
          if (++i > seconds * rate) {
            clearInterval(timer);
            resolve(undefined);
          } else if (i % 10 === 0) fetch('/ok').catch(() => {});
          else window.bench.log(`The cart has ${i} items`, { step: 'checkout', items: i });
        }, 1000 / rate);
      }),
    [SHARE_SECONDS, EVENTS_A_SECOND],
  );
  const percent = (((await busy(cdp)) - begun) / SHARE_SECONDS) * 100;
  await close();
  return percent;
};

const results = Object.fromEntries(list.map(({ id }) => [id, { init: [], heap: [], first: [] }]));
for (let n = 0; n < ROUNDS; n++) {
  for (const one of shuffled(list)) results[one.id].init.push(await initialise(one, n));
}
for (let n = 0; n < LOAD_ROUNDS; n++) {
  for (const one of shuffled(list)) {
    const { usedSize, ms } = await load(one);
    results[one.id].heap.push(usedSize);
    results[one.id].first.push(ms);
  }
}
for (const one of shuffled(list)) results[one.id].collect = await collect(one);
const serialised = await serialise();
const flushed = await flush();
const shares = await Promise.all(list.map(share));
list.forEach(({ id }, i) => Object.assign(results[id], { share: shares[i] }));
const version = browser.version();
await browser.close();
close();

const { empty, ours, elastic } = results;
const over = (value, base, digits) => round(value - base, digits);
const rows = list.filter(({ id }) => id !== 'empty').map(({ id, name, bytes }) => {
  const { init, heap, first, collect, share } = results[id];
  return [name, bytes.toLocaleString('en'), round(median(init), 1), over(median(first), median(empty.first), 1), Math.round((median(heap) - median(empty.heap)) / 1024), round(collect.log, 1),
    over(collect.fetch, empty.collect.fetch, 1), over(collect.console, empty.collect.console, 1), over(share, empty.share, 2)];
});
const row = (cells) => `| ${cells.join(' | ')} |`;
const bytes = list[0].bytes;
const heapKb = (median(ours.heap) - median(empty.heap)) / 1024;
const collected = Math.max(ours.collect.log, ours.collect.fetch - empty.collect.fetch, ours.collect.console - empty.collect.console) / 1000;
const percent = ours.share - empty.share;
const ratio = median(ours.init) / median(elastic.init);
const targets = [
  ['whole client, gzip -9', 'at most 15,000 bytes', bytes.toLocaleString('en'), bytes <= 15000],
  ['initialisation beside Elastic RUM', 'at most half', round(ratio, 2), ratio <= 0.5],
  ['heap', 'at most 200 KB', `${Math.round(heapKb)} KB`, heapKb <= 200],
  ['collecting an event (the dearest of the three)', 'under 0.05 ms', `${round(collected, 3)} ms`, collected < 0.05],
  ['copying and writing an event', 'under 0.1 ms', `${round(serialised / 1000, 3)} ms`, serialised < 100],
  ['flushing 100 events', 'under 2 ms', `${round(flushed.sync, 2)} ms`, flushed.sync < 2],
  [`${flushed.events} events compressed`, 'at most 15 KB', `${round(flushed.compressed / 1024, 1)} KB (of ${round(flushed.bytes / 1024, 1)})`, flushed.compressed <= 15 * 1024],
  [`main thread at ${EVENTS_A_SECOND} events a second`, 'under 1 %', `${round(percent, 2)} %`, percent < 1],
];
console.log(`Chromium ${version}, middle one of ${ROUNDS} fresh pages (first second and heap: ${LOAD_ROUNDS}).
`);
console.log(row(['', 'bytes, gzip -9', 'parse and run, ms (CPU / 4)', 'main thread in the first second, ms', 'heap, KB', 'one log call, µs', 'one fetch, µs', 'one console.error, µs', 'main thread, %']));
console.log(row(Array(9).fill('---')));
rows.forEach((cells) => console.log(row(cells)));
console.log(`
${row(['this client', 'aim', 'measured', ''])}
${row(Array(4).fill('---'))}`);
targets.forEach(([what, aim, measured, met]) => console.log(row([what, aim, measured, met ? 'met' : '**missed**'])));
console.log(`
Collecting 100 events, flushing them and reading the server's answer takes ${round(flushed.task, 2)} ms of the main thread in all.`);
