/**
 * What the client costs on the wire; fails above the limit.
 */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT = 15000;
const file = new URL('../../resources/io/telemetry/boot/browser/client.js', import.meta.url);
const content = readFileSync(file);
const size = gzipSync(content, { level: 9 }).length;
console.log(`client.js: ${content.length} bytes, gzip -9 ${size} bytes, limit ${LIMIT}`);
if (size > LIMIT) process.exit(1);
