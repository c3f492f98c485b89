/**
 * Writes `src/order.js`: the order of the modules in which client.js compresses best. Any order works, since no module
 * waits for what another does when it is loaded; so run it when much has changed.
 *
 * The bundle is made once, with a mark behind each module. Then modules are moved, one after the other, each to another
 * place, where it stays if that makes the whole smaller, at first sometimes also if not (simulated annealing). The names
 * that a module is given depend on its place: what is best of some such walks, the real bundle tells.
 */
import { build } from 'esbuild';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { minify } from 'terser';
import { joining, minifying } from './options.js';

const WALKS = 10;
const STEPS = 8000;
const ENTRY = 'src/script.js';
const ORDER = 'src/order.js';
const root = fileURLToPath(new URL('..', import.meta.url));

/** @type {import('esbuild').Plugin} */
const marking = {
  name: 'marking',
  setup: ({ onLoad }) => onLoad({ filter: /\/src\// }, ({ path }) => ({ contents: `${readFileSync(path)}\n__module('${path.slice(root.length)}');` })),
};

/** @param {import('esbuild').Plugin[]} plugins */
const bundle = async (...plugins) => {
  const { outputFiles, metafile } = await build({ ...joining, absWorkingDir: root, entryPoints: [ENTRY], format: 'iife', metafile: true, write: false, plugins });
  const { code } = await minify(outputFiles[0].text, minifying);
  return { code: String(code), inputs: metafile.inputs };
};
/** @param {string} text */
const sizeOf = (text) => gzipSync(text, { level: 9 }).length;

/** @param {string[]} modules */
const write = (modules) => {
  const imports = modules.filter((name) => name !== ENTRY).map((name) => `import '${name.replace('src', '.')}';\n`);
  writeFileSync(`${root}${ORDER}`, `// The order in which client.js compresses best, made by \`npm run order\`. It changes nothing but the size.\n${imports.join('')}`);
};

/** From the last time, as far as they are still there. */
let best = [...readFileSync(`${root}${ORDER}`, 'utf8').matchAll(/'\.(.+)'/g)].map(([, name]) => `src${name}`).filter((name) => existsSync(`${root}${name}`));
write(best);
let least = sizeOf((await bundle()).code);
console.log(`As it is: ${least} bytes`);
write([]);
const { code, inputs } = await bundle(marking);
/** What is left of each module. @type {Record<string, string>} */
const parts = Object.fromEntries([...code.matchAll(/([^]*?)__module\("(.+?)"\)[;,]?/g)].map(([, text, name]) => [name, text]));

/** As a bundler puts them: what a module imports comes before it. @param {string[]} wanted */
const bundled = (wanted) => {
  /** @type {Set<string>} */
  const order = new Set();
  /** @param {string} name */
  const visit = (name) => {
    if (order.has(name) || name === ORDER) return;
    inputs[name].imports.forEach(({ path }) => visit(path));
    order.add(name);
  };
  [...wanted, ENTRY].forEach(visit);
  return [...order];
};
/** @param {string[]} order */
const estimate = (order) => sizeOf(bundled(order).map((name) => parts[name]).join(''));

// The same sources, the same order.
let state = 1;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return (state >>> 8) / 2 ** 24;
};

const walk = () => {
  let order = bundled(best);
  let size = estimate(order);
  for (let step = 0; step < STEPS; step++) {
    const moved = [...order];
    const [one] = moved.splice(random() * moved.length, 1);
    moved.splice(random() * (moved.length + 1), 0, one);
    const found = estimate(moved);
    const heat = 6 * (1 - step / STEPS);
    if (found <= size || random() < Math.exp((size - found) / heat)) {
      order = moved;
      size = found;
    }
  }
  return bundled(order);
};

for (let i = 0; i < WALKS; i++) {
  const order = walk();
  write(order);
  const size = sizeOf((await bundle()).code);
  console.log(`Walk ${i + 1}: ${size} bytes`);
  if (size < least) {
    least = size;
    best = order;
  }
}
write(best);
