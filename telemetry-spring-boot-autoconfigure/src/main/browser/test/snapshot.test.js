import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe as describeOn } from '../src/describe.js';
import { LIMITS, snapshot } from '../src/snapshot.js';

const describe = (thrown) => describeOn({ document: { baseURI: 'https://shop.example/' } }, thrown);
const plain = (value) => JSON.parse(JSON.stringify(snapshot(value)));

test('messages, stacks and strings are cut to their limits', () => {
  const copy = plain({ message: 'm'.repeat(9000), stack: 's'.repeat(9000), other: 'o'.repeat(9000) });
  assert.equal(copy.message.length, 500);
  assert.equal(copy.stack.length, 2000);
  assert.equal(copy.other.length, 2000);
  assert.ok(copy.message.endsWith('…'));
});

test('depth, keys and items stay below what the server allows', () => {
  let deep = {};
  for (let i = 0; i < 50; i++) deep = { deep };
  const depthOf = (value) => (value && typeof value === 'object' ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0);
  assert.equal(depthOf(plain(deep)), LIMITS.depth);
  const wide = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, i]));
  assert.equal(Object.keys(plain(wide)).length, LIMITS.keys + 1);
  assert.equal(plain(wide)['…'], '[460 more]');
  assert.equal(plain({ list: Array(500).fill(1) }).list.length, LIMITS.items + 1);
});

test('an event as a whole is bounded, however many small parts it has', () => {
  const row = () => Array.from({ length: 50 }, () => 'x'.repeat(100));
  const size = JSON.stringify(snapshot({ a: row(), b: row(), c: row(), d: row(), e: Array.from({ length: 50 }, row) })).length;
  assert.ok(size < 16000, `${size}`);
});

test('cycles and shared objects: only a cycle is marked', () => {
  const shared = { n: 1 };
  const root = { one: shared, two: shared };
  root.self = root;
  assert.deepEqual(plain(root), { one: { n: 1 }, two: { n: 1 }, self: '[circular]' });
});

test('whatever throws only marks its place', () => {
  const hostile = new Proxy({}, { ownKeys: () => { throw new Error('no'); } });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const value = {
    get bad() { throw new Error('no'); },
    json: { toJSON() { throw new Error('no'); } },
    hostile,
    revoked: revoked.proxy,
    good: 1,
  };
  assert.deepEqual(plain(value), { bad: '[threw]', json: '[threw]', hostile: '[threw]', revoked: '[threw]', good: 1 });
});

test('no getter is read twice', () => {
  const reads = {};
  const counted = (target) => new Proxy(target, {
    get: (object, key) => {
      if (typeof key === 'string') reads[key] = (reads[key] || 0) + 1;
      return Reflect.get(object, key);
    },
  });
  snapshot(counted({ a: 1, toJSON: 'not a function', message: 'x' }));
  describe(counted(Object.assign(new Error('boom'), { code: 7, cause: 'why' })));
  assert.ok(reads.a === 1 && reads.code === 1);
  assert.equal(reads.toJSON, 1);
  assert.deepEqual(Object.entries(reads).filter(([key, n]) => n > 1 && key !== 'message'), []);
  assert.equal(reads.message, 2, 'one in each of two objects');
});

test('values that JSON has no word for are named', () => {
  const copy = plain({ big: 12n, sym: Symbol('s'), fn() {}, nan: NaN, date: new Date(0), map: new Map([[1, 2]]), bytes: new Uint8Array(3), no: undefined, nil: null });
  assert.deepEqual(copy, {
    big: '12', sym: 'Symbol(s)', fn: '[function]', nan: 'NaN', date: '1970-01-01T00:00:00.000Z', map: { 1: 2 }, bytes: '[3 bytes]', nil: null,
  });
});

test('a key named __proto__ or toString is carried along as any other', () => {
  const copy = snapshot(JSON.parse('{"__proto__":{"polluted":1},"toString":"x"}'));
  assert.equal(/** @type {any} */ ({}).polluted, undefined);
  assert.equal(JSON.stringify(copy), '{"__proto__":{"polluted":1},"toString":"x"}');
});

test('what was thrown is described, whatever it is', () => {
  const error = new TypeError('no such thing');
  assert.equal(describe(error).name, 'TypeError');
  assert.equal(describe(error).message, 'no such thing');
  assert.match(describe(error).stack, /snapshot\.test/);
  assert.equal(describe('text').message, 'text');
  assert.equal(describe(undefined).message, 'undefined');
  assert.equal(describe({ code: 5 }).message, '{"code":5}');
  assert.deepEqual({ ...describe({ code: 5 }).thrown }, { code: 5 });
  assert.equal(describe(new Error('')).message, 'Error');
});
