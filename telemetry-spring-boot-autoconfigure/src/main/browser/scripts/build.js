/**
 * Writes the files that the application serves. The same sources give the same bytes: no time, no machine path.
 */
import { build } from 'esbuild';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { minify } from 'terser';
import { joining, minifying } from './options.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = fileURLToPath(new URL('../../resources/io/telemetry/boot/browser/', import.meta.url));

/**
 * esbuild joins the modules and leaves out what is not used, terser makes the result smaller than esbuild does, and
 * smaller still where esbuild has turned `const` into `let` and statements into expressions before.
 *
 * @param {string} entry
 * @param {'iife' | 'esm'} format
 * @param {string} name
 */
const bundle = async (entry, format, name) => {
  const { outputFiles } = await build({
    ...joining,
    absWorkingDir: root,
    entryPoints: [entry],
    format,
    outfile: `${target}${name}`,
    sourcemap: 'external',
    write: false,
  });
  /** @param {string} end */
  const output = (end) => outputFiles.find(({ path }) => path.endsWith(end))?.text || '';
  const { code, map } = await minify({ [name]: output(name) }, {
    ...minifying,
    module: format === 'esm',
    // A classic script's top level is the page's.
    toplevel: format === 'esm',
    // The server names the map in a header; a module may be copied elsewhere.
    sourceMap: { content: output('.map'), filename: name, url: format === 'esm' ? `${name}.map` : undefined, includeSources: true },
  });
  await writeFile(`${target}${name}`, `${code}\n`);
  await writeFile(`${target}${name}.map`, relocate(String(map)));
};

/**
 * Source names that start at the package, wherever the built files lie. Resolved against the map's own address they
 * would fall among the channel's addresses, hence a scheme of their own, as webpack does.
 *
 * @param {string} text
 */
const relocate = (text) => {
  const map = JSON.parse(text);
  const sources = map.sources.map((/** @type {string} */ source) => source.replace(/^.*?\/browser\/src\//, 'client:///src/'));
  return JSON.stringify({ ...map, sources }) + '\n';
};

await mkdir(target, { recursive: true });
await bundle('src/script.js', 'iife', 'client.js');
await bundle('src/module.js', 'esm', 'client.mjs');
await bundle('src/on-request.js', 'esm', 'on-request.mjs');
await copyFile(`${root}client.d.ts`, `${target}client.d.ts`);
