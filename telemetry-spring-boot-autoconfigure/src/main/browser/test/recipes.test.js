import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { transform } from 'esbuild';
import * as actual from '../src/module.js';
import { createApi } from './support/api.js';
import { createPage } from './support/page.js';

const file = (path) => readFileSync(new URL(`../../../../../${path}`, import.meta.url), 'utf8');
const DOC = file('docs/browser.md');
const blocks = [...DOC.matchAll(/^```(js|jsx|ts|html)\n([^]*?)^```/gm)].map(([, language, code]) => ({ language, code }));
const page = createPage();
const { telemetry } = createApi(page.window, () => page.env);
const CALLS = Object.keys(telemetry);

test('every recipe is code that can be read', async () => {
  const scripts = blocks.filter(({ language }) => language !== 'html');
  assert.ok(scripts.length > 8);
  for (const { language, code } of scripts) {
    await transform(code, { loader: language, format: 'esm', tsconfigRaw: { compilerOptions: { experimentalDecorators: true } } });
  }
});

test('every call and import of the recipes exists', () => {
  for (const { code } of blocks) {
    for (const [, name] of code.matchAll(/Telemetry\.(\w+)\(/g)) assert.ok(CALLS.includes(name), name);
    for (const [, names] of code.matchAll(/import \{ ([\w, ]+) \} from '\/chsk/g)) {
      for (const name of names.split(', ')) assert.ok(name in actual, name);
    }
  }
});

test('the early snippet is the one that is tested in a browser, and knows every call', () => {
  const early = file('sample-app/src/test/resources/static/pages/early.js');
  assert.ok(DOC.includes(early.trim()));
  const { window } = /** @type {any} */ ({ window: { addEventListener: () => {} } });
  new Function('window', 'addEventListener', early)(window, window.addEventListener);
  const kept = Object.keys(window.Telemetry).filter((name) => name !== 'q');
  for (const name of CALLS.filter((one) => one !== 'flush' && one !== 'stop')) assert.ok(kept.includes(name), name);
});
