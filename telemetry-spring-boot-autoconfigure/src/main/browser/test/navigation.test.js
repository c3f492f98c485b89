import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeChanges } from '../src/collectors/navigation.js';
import { createPage } from './support/page.js';

/** A page with a History API, and a Navigation API where asked. */
const install = ({ modern }) => {
  const page = createPage();
  const { window } = page;
  const go = (url) => { window.location.href = new URL(url, window.location).href; };
  window.history = {
    pushState(state, title, url) {
      if (url === 'bad') throw new DOMException('no', 'SecurityError');
      go(url);
    },
    replaceState(state, title, url) { go(url); },
  };
  const { pushState } = window.history;
  window.navigation = Object.assign(new EventTarget(), { currentEntry: modern ? {} : null });
  const events = [];
  const restore = routeChanges.install({ env: page.env, record: (event) => events.push(event) });
  const move = (navigationType, url) => {
    go(url);
    page.dispatch(window.navigation, 'currententrychange', { navigationType });
  };
  return { page, window, events, restore, go, move, pushState };
};

test('History API: pushState, replaceState, back and hash, as cleaned paths', () => {
  const { page, window, events, go } = install({ modern: false });
  window.history.pushState(null, '', '/orders?id=1#x');
  window.history.replaceState(null, '', '/orders/1');
  go('/cart');
  page.dispatch(window, 'popstate');
  page.dispatch(window, 'hashchange');
  assert.deepEqual(events, [
    { type: 'analytics', subtype: 'route-change', from: '/cart', to: '/orders', trigger: 'push' },
    { type: 'analytics', subtype: 'route-change', from: '/orders', to: '/orders/1', trigger: 'replace' },
    { type: 'analytics', subtype: 'route-change', from: '/orders/1', to: '/cart', trigger: 'traverse' },
  ]);
});

test('Navigation API: nothing is wrapped', () => {
  const { window, events, move, pushState } = install({ modern: true });
  assert.equal(window.history.pushState, pushState);
  move('push', '/orders');
  move('replace', '/orders/1');
  move('traverse', '/cart');
  move(null, '/somewhere');   // updateCurrentEntry
  assert.deepEqual(events.map(({ from, to, trigger }) => [from, to, trigger]), [
    ['/cart', '/orders', 'push'], ['/orders', '/orders/1', 'replace'], ['/orders/1', '/cart', 'traverse'], ['/cart', '/somewhere', 'replace'],
  ]);
});

test('no event where the cleaned address stays', () => {
  for (const modern of [true, false]) {
    const { window, events, move } = install({ modern });
    if (modern) move('push', '/cart?page=2#top');
    else window.history.pushState(null, '', '/cart?page=2#top');
    assert.equal(events.length, 0);
  }
});

test('the page’s exceptions are its own', () => {
  const { window, events } = install({ modern: false });
  assert.throws(() => window.history.pushState(null, '', 'bad'), /no/);
  assert.equal(events.length, 0);
});

test('leaving leaves nothing', () => {
  const old = install({ modern: false });
  old.restore();
  assert.equal(old.window.history.pushState, old.pushState);
  old.window.history.pushState(null, '', '/orders');
  old.page.dispatch(old.window, 'popstate');
  const modern = install({ modern: true });
  modern.restore();
  modern.move('push', '/orders');
  assert.equal(old.events.length + modern.events.length, 0);
});
