import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { webVitals } from '../src/collectors/vitals.js';
import { createBrowser } from './support/browser.js';

const LIBRARY = import.meta.resolve('web-vitals');
/** The same numbers for the same seed. @param {number} seed */
const chance = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

/** Tells of the vitals alone. */
const watchVitals = ({ env, onHide }, note) => webVitals.install({
  env, onHide, isOwn: () => false, wants: () => false, record: (event) => event.subtype === 'web-vital' && note({ name: event.metricName, ...event }),
});

let copies = 0;

/** Runs a page under both, and gives the last word of each on every vital of every visit. */
const compare = async (choices, story) => {
  const said = [[], []];
  for (const index of [0, 1]) {
    const browser = createBrowser(choices);
    const note = ({ name, value, navigationType }) => said[index].push([name, value, navigationType]);
    const before = {};
    let end = () => {};
    if (index === 0) {
      for (const name of ['document', 'performance', 'PerformanceObserver', 'PerformanceEventTiming', 'setTimeout', 'requestAnimationFrame', 'requestIdleCallback', 'cancelIdleCallback', 'addEventListener', 'removeEventListener']) {
        before[name] = Object.getOwnPropertyDescriptor(globalThis, name);
        const value = browser.window[name];
        Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: name.endsWith('Listener') ? value.bind(browser.window) : value });
      }
      before.window = Object.getOwnPropertyDescriptor(globalThis, 'window');
      const { onCLS, onFCP, onINP, onLCP, onTTFB } = await import(`${LIBRARY}?${++copies}`);
      [onCLS, onFCP, onINP, onLCP, onTTFB].forEach((on) => on(note));
    } else {
      end = watchVitals(browser, note);
    }
    await browser.turn();
    await story(browser);
    await browser.turn();
    end();
    for (const [name, own] of Object.entries(before)) own ? Object.defineProperty(globalThis, name, own) : delete globalThis[name];
  }
  return said.map((list) => Object.fromEntries(list.map(([name, value, type]) => [`${name} ${type}`, +value.toFixed(4)])));
};

/** What a visitor may live through. @param {() => number} random */
const story = (random) => async (browser) => {
  let time = 100 + random() * 400;
  const wait = (ms) => browser.at((time += random() * ms));
  // A page that was painted on its second visit only: the library then takes the shifts of the first for its.
  const visits = browser.document.visibilityState === 'visible' && random() < 0.3 ? 2 : 1;
  if (visits > 1 || random() < 0.9) browser.see({ entryType: 'paint', name: 'first-contentful-paint', startTime: time });
  for (let visit = 0; visit < visits; visit++) {
    const steps = Math.floor(random() * 60);
    for (let step = 0; step < steps; step++) {
      wait(random() < 0.2 ? 3000 : 400);
      const what = random();
      if (what < 0.15) browser.see({ entryType: 'largest-contentful-paint', startTime: time, size: step });
      else if (what < 0.55) browser.see({ entryType: 'layout-shift', startTime: time, value: Math.round(random() * 100) / 1000, hadRecentInput: random() < 0.1 });
      else if (what < 0.9) browser.see({ entryType: 'event', name: 'click', startTime: time, duration: 8 * Math.ceil(random() * 60), interactionId: random() < 0.1 ? 0 : 7 * (1 + Math.floor(random() * 150)) });
      else if (what < 0.93) browser.act('click');
      else if (what < 0.95) {
        // What the library keeps for an idle moment it tells only when the page is hidden the next time.
        await browser.turn();
        browser.hide();
        wait(1000);
        browser.show();
      }
      // Of shifts that it is told of together the library may miss the worst moment.
      if (random() < 0.3 || what < 0.55) await browser.turn();
    }
    await browser.turn();
    if (visit === 0 && (visits > 1 || random() < 0.9)) {
      browser.load();
      await browser.turn();
    }
    wait(500);
    browser.hide();
    await browser.turn();
    if (visit + 1 < visits) {
      browser.show();
      browser.restore();
      await browser.turn();
    }
  }
};

const VISITS = process.env.TELEMETRY_TEST_LONG ? 2000 : 40;

test('any visit gives the same values as the library does', async () => {
  for (let seed = 1; seed <= VISITS; seed++) {
    const random = chance(seed);
    const choices = {
      navigation: { type: ['navigate', 'reload', 'back_forward'][seed % 3], activationStart: seed % 10 === 0 ? 60 : 0 },
      visibility: seed % 11 === 0 ? 'hidden' : 'visible',
      discarded: seed % 13 === 0,
    };
    const numbers = Array.from({ length: 600 }, random);
    const replay = () => {
      let at = 0;
      return () => numbers[at++ % numbers.length];
    };
    const [theirs, ours] = await compare(choices, (browser) => story(replay())(browser));
    assert.deepEqual(ours, theirs, `seed ${seed}`);
  }
});

test('a page that is prepared before it is asked for counts from then on', async () => {
  const [theirs, ours] = await compare({ navigation: { activationStart: 0 } }, async (browser) => {
    browser.see({ entryType: 'paint', name: 'first-contentful-paint', startTime: 900 });
    browser.load();
  });
  assert.deepEqual(ours, theirs);
  const browser = createBrowser({ visibility: 'hidden' });
  browser.document.prerendering = true;
  const said = [];
  watchVitals(browser, ({ name, value, navigationType }) => said.push([name, value, navigationType]));
  browser.load();
  await browser.turn();
  assert.deepEqual(said, []);
  browser.document.prerendering = false;
  browser.window.performance.getEntriesByType('navigation')[0].activationStart = 500;
  browser.activate();
  await browser.turn();
  browser.see({ entryType: 'paint', name: 'first-contentful-paint', startTime: 700 });
  await browser.turn();
  assert.deepEqual(said, [['TTFB', 0, 'prerender'], ['FCP', 200, 'prerender']]);
});

test('ended, nothing is told any more', async () => {
  const browser = createBrowser();
  const said = [];
  watchVitals(browser, ({ name }) => said.push(name))();
  browser.see({ entryType: 'paint', name: 'first-contentful-paint', startTime: 700 });
  browser.load();
  browser.hide();
  await browser.turn();
  assert.deepEqual(said, []);
});

test('what was painted after the page was hidden, before the client came, nobody waited for', async () => {
  for (const [painted, expected] of [[400, ['FCP']], [700, []]]) {
    const browser = createBrowser();
    browser.see({ entryType: 'visibility-state', name: 'visible', startTime: 0 });
    browser.see({ entryType: 'visibility-state', name: 'hidden', startTime: 500 });
    browser.see({ entryType: 'paint', name: 'first-contentful-paint', startTime: painted });
    const said = [];
    watchVitals(browser, ({ name }) => said.push(name));
    await browser.turn();
    assert.deepEqual(said, expected);
  }
});

test('a page that is prepared is not taken for a hidden one', async () => {
  const browser = createBrowser({ visibility: 'hidden' });
  browser.document.prerendering = true;
  browser.see({ entryType: 'visibility-state', name: 'hidden', startTime: 0 });
  const said = [];
  watchVitals(browser, ({ name, value }) => said.push([name, value]));
  await browser.turn();
  browser.document.prerendering = false;
  browser.window.performance.getEntriesByType('navigation')[0].activationStart = 500;
  browser.see({ entryType: 'paint', name: 'first-contentful-paint', startTime: 700 });
  await browser.turn();
  assert.deepEqual(said, [['FCP', 200]]);
});
