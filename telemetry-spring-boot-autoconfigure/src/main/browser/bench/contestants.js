/**
 * Who is measured: name, the file that a page would load, and how much that is on the wire.
 */
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const version = (name) => JSON.parse(readFileSync(here(`node_modules/${name}/package.json`), 'utf8')).version;

/** As a user would have it: bundled and minified, nothing set but what is needed to run. */
const bundle = async (peer) => {
  const { outputFiles } = await build({
    entryPoints: [here(`peers/${peer}.js`)],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2020',
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"' },
    write: false,
  });
  return outputFiles[0].text;
};

const PEERS = [
  ['elastic', 'Elastic RUM', '@elastic/apm-rum'],
  ['opentelemetry', 'OpenTelemetry web', '@opentelemetry/sdk-trace-web'],
  ['sentry', 'Sentry, errors only', '@sentry/browser'],
  ['sentry-tracing', 'Sentry with tracing', '@sentry/browser'],
  ['faro', 'Faro', '@grafana/faro-web-sdk'],
];

/** The public call behind the name that the pages use. */
const OURS = ';window.bench={log:(text,context)=>Telemetry.log("info",text,context)};';

export const contestants = async () => {
  const client = readFileSync(here('../../resources/io/telemetry/boot/browser/client.js'), 'utf8');
  const peers = await Promise.all(
    PEERS.map(async ([id, name, from]) => {
      const code = await bundle(id);
      return { id, name: `${name} ${version(from)}`, code, bytes: gzip(code) };
    }),
  );
  const ours = { id: 'ours', name: 'this client', code: client + OURS, bytes: gzip(client) };
  const empty = { id: 'empty', name: 'empty page', code: 'window.bench={log(){}};', bytes: 0 };
  return [ours, ...peers, empty];
};

export const gzip = (text) => gzipSync(text, { level: 9 }).length;
