import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPage, settle } from './support/page.js';
import { element, install } from './support/install.js';
import { interactions } from '../src/collectors/interactions.js';
import { mouse, scroll } from '../src/collectors/on-request.js';
import { resources } from '../src/collectors/resources.js';
import { reports } from '../src/collectors/reports.js';

const PRIVATE = '[data-private]';

const click = ({ page, events }, ...path) => {
  page.dispatch(page.document, 'click', { composedPath: () => [...path, page.document, page.window] });
  return events.at(-1);
};

test('a click on a word within a button is a click on the button', () => {
  const installed = install(interactions);
  assert.deepEqual(click(installed, element('b'), element('button', { id: 'save', class: 'primary wide' }, { text: ' Save ' }), element('main')), {
    type: 'analytics', subtype: 'user-action', action: 'click', elementTag: 'button', elementId: 'save', elementClass: 'primary wide',
    elementText: 'Save', page: '/cart',
  });
  assert.deepEqual(installed.sampledAs, ['click']);
});

test('a click elsewhere has no text, one on a button only a short one', () => {
  const installed = install(interactions);
  const { elementTag, elementId, elementText } = click(installed, element('p', { id: 'terms' }, { text: 'Terms' }), element('body'));
  assert.deepEqual([elementTag, elementId, elementText], ['p', 'terms', undefined]);
  assert.equal(click(installed, element('a', {}, { text: 'x'.repeat(49) })).elementText, 'x'.repeat(49));
  assert.equal(click(installed, element('a', {}, { text: 'x'.repeat(50) })).elementText, undefined);
});

test('what the visitor may have written is never read', () => {
  const installed = install(interactions);
  const label = element('label', {}, { text: 'Name' });
  for (const field of ['input', 'textarea', 'select']) assert.equal(click(installed, element(field, { id: 'f' }), label).elementText, undefined);
  assert.equal(click(installed, element('a', {}, { text: 'note', matches: ['[contenteditable]'] })).elementText, undefined);
  assert.equal(click(installed, element('label', {}, { text: 'Country Norway', inside: ['select'] })).elementText, undefined);
  assert.equal(click(installed, label).elementText, 'Name');
});

test('what is private has neither text, id nor class, nor has what holds it its text', () => {
  const installed = install(interactions);
  const button = element('button', { id: 'case-17', class: 'diagnosis' }, { text: 'Open' });
  const { elementTag, elementId, elementClass, elementText } = click(installed, button, element('div', {}, { matches: [PRIVATE] }));
  assert.deepEqual([elementTag, elementId, elementClass, elementText], ['button', undefined, undefined, undefined]);
  assert.equal(click(installed, element('a', {}, { text: 'Dear Ann', inside: [PRIVATE] })).elementText, undefined);
});

test('a click without an element is left alone', () => {
  const installed = install(interactions);
  assert.equal(click(installed), undefined);
});

test('whether the page is seen, told before the client empties its buffer', () => {
  const installed = install(interactions);
  const { page, events, restore } = installed;
  // An event that bubbles passes the window first.
  page.document.visibilityState = 'hidden';
  page.dispatch(page.window, 'visibilitychange');
  page.document.visibilityState = 'visible';
  page.dispatch(page.window, 'visibilitychange');
  assert.deepEqual(events, [{ type: 'analytics', subtype: 'visibility', visible: false }, { type: 'analytics', subtype: 'visibility', visible: true }]);
  restore();
  page.dispatch(page.window, 'visibilitychange');
  click(installed, element('a'));
  assert.equal(events.length, 2);
});

test('scrolling and the pointer, once a second, sampled as scroll', async () => {
  const page = createPage();
  Object.assign(page.window, { scrollY: 200, innerHeight: 600 });
  page.document.documentElement = { scrollHeight: 1600 };
  const scrolled = install(scroll, { page });
  const moved = install(mouse, { page });
  await settle();
  for (let i = 0; i < 20; i++) {
    page.dispatch(page.document, 'scroll');
    page.dispatch(page.document, 'mousemove', { clientX: 10 + i, clientY: 20 });
    await page.advance(100);
  }
  assert.deepEqual(scrolled.events.map(({ subtype, depth }) => [subtype, depth]), [['scroll', 50], ['scroll', 50]]);
  assert.deepEqual(moved.events.map(({ subtype, x, y }) => [subtype, x, y]), [['mouse', 10, 20], ['mouse', 20, 20]]);
  assert.deepEqual([...scrolled.sampledAs, ...moved.sampledAs], ['scroll', 'scroll', 'scroll', 'scroll']);
  page.dispatch(page.document, 'scroll');
  scrolled.restore();
  moved.restore();
  await page.advance(2000);
  assert.equal(scrolled.events.length, 2);
});

test('a collector that is taken out before its file has come is not put in', async () => {
  const page = createPage();
  const { events, restore } = install(scroll, { page });
  restore();
  await settle();
  page.dispatch(page.document, 'scroll');
  await page.advance(2000);
  assert.deepEqual(events, []);
});

// Resources

const fail = ({ page, events }, target) => {
  // A Node event names the one it is dispatched on; what listens gets one that names the element.
  const event = new Event('error');
  Object.defineProperty(event, 'target', { value: target });
  page.window.dispatchEvent(event);
  return events.at(-1);
};

test('a resource that could not be loaded: address cleaned, element named', () => {
  const installed = install(resources);
  assert.deepEqual(fail(installed, { ...element('img', { id: 'logo' }), src: '/logo.png?token=1', currentSrc: '' }), {
    type: 'error', subtype: 'resource', message: 'img https://shop.example/logo.png could not be loaded',
    url: 'https://shop.example/logo.png', element: 'img#logo',
  });
  assert.equal(fail(installed, { ...element('link'), href: 'https://cdn.example/a.css' }).url, 'https://cdn.example/a.css');
  assert.equal(fail(installed, { ...element('image'), href: { baseVal: '/map.svg' } }).url, 'https://shop.example/map.svg');
  assert.equal(installed.events.length, 3);
  fail(installed, element('div'));
  fail(installed, installed.page.window);
  assert.equal(installed.events.length, 3);
});

// Reports

const violate = ({ page, events }, more) => {
  page.dispatch(page.document, 'securitypolicyviolation', {
    blockedURI: 'https://evil.example/x.js?q=1', effectiveDirective: 'script-src-elem', disposition: 'enforce',
    sourceFile: 'https://shop.example/app.js?v=1', lineNumber: 3, columnNumber: 7, ...more,
  });
  return events.at(-1);
};

test('a violation of the content security policy', () => {
  const installed = install(reports);
  assert.deepEqual(violate(installed), {
    type: 'error', subtype: 'csp', message: 'script-src-elem forbids https://evil.example/x.js', directive: 'script-src-elem',
    url: 'https://evil.example/x.js', disposition: 'enforce', location: { url: 'https://shop.example/app.js', line: 3, column: 7 },
  });
  const inline = violate(installed, { blockedURI: 'inline', disposition: 'report', sourceFile: null });
  assert.deepEqual([inline.url, inline.disposition, inline.location.url], ['inline', 'report', 'https://shop.example/cart']);
});

test('a policy that forbids the client’s own connection is not told of', () => {
  const installed = install(reports);
  violate(installed, { blockedURI: 'https://shop.example/chsk/batch' });
  violate(installed, { blockedURI: 'wss://shop.example/chsk?key=k' });
  assert.equal(installed.events.length, 0);
  violate(installed, { blockedURI: 'wss://shop.example/live' });
  assert.equal(installed.events.length, 1);
});

/** A page that reports, and the observer that was asked for its reports. */
const reporting = (again) => {
  const page = createPage();
  let observer;
  page.window.ReportingObserver = class {
    constructor(callback, options) {
      Object.assign(this, { callback, options });
      observer = this;
    }

    observe() {
      this.observing = true;
    }

    disconnect() {
      this.observing = false;
    }
  };
  const installed = install(reports, { page, again });
  return { observer, ...installed };
};

test('deprecations and interventions, from before the client came as well', () => {
  const { observer, events, restore } = reporting();
  assert.deepEqual([observer.options, observer.observing], [{ types: ['deprecation', 'intervention'], buffered: true }, true]);
  observer.callback([{ type: 'deprecation', body: { message: 'old', sourceFile: 'https://shop.example/old.js', lineNumber: 1, columnNumber: 2 } }]);
  assert.deepEqual(events, [{
    type: 'log', subtype: 'deprecation', level: 'warn', message: 'old', location: { url: 'https://shop.example/old.js', line: 1, column: 2 },
  }]);
  restore();
  assert.equal(observer.observing, false);
});

test('installed again, it asks for no reports from before', () => {
  assert.deepEqual(reporting(true).observer.options, { types: ['deprecation', 'intervention'], buffered: false });
});
