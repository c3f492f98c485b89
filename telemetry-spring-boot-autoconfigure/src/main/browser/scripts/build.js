/**
 * Writes the files that the application serves. The same sources give the same bytes: no time, no machine path.
 */
import { build } from 'esbuild';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = fileURLToPath(new URL('../../resources/io/telemetry/boot/browser/', import.meta.url));

/**
 * @param {string} entry
 * @param {'iife' | 'esm'} format
 * @param {string} name
 */
const bundle = async (entry, format, name) => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    format,
    outfile: `${target}${name}`,
    bundle: true,
    minify: true,
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: 'linked',
    write: false,
  });
  for (const { path, text } of outputFiles) await writeFile(path, path.endsWith('.map') ? relocate(text) : text);
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
await copyFile(`${root}client.d.ts`, `${target}client.d.ts`);
