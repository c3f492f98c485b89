/**
 * Makes the frames over which the codec and Spring's are compared: what the client writes of each is in the file at
 * once, what Spring writes is put in by `FrameFixtureTests` with `-Dtelemetry.test.frames.write=true`. The seed is fixed.
 */
import { writeFile } from 'node:fs/promises';
import { encodeFrame } from '../src/stomp/encode.js';

const PARTS = ['a', '/app/log/batch', ' ', ':', '\\', '\n', '\r', '\\n', '\\c', '{"a":1}', 'ü', '€', '🎈', '\u2028', '\ufeff', '\t', 'content-length', '=', ''];

// mulberry32: small, and the same everywhere.
let state = 20261122;
const random = () => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const below = (n) => Math.floor(random() * n);
const text = (parts, most) => Array.from({ length: below(most) }, () => parts[below(parts.length)]).join('');

const WHOLE = '{"text":"grüße € 🎈\u0000 after a NUL\n\n"}';
const CLIENT = ['CONNECT', 'SUBSCRIBE', 'SEND', 'UNSUBSCRIBE', 'DISCONNECT'];
const SERVER = ['CONNECTED', 'MESSAGE', 'RECEIPT', 'ERROR'];
const WITH_BODY = ['SEND', 'MESSAGE', 'ERROR'];
const PLAIN = ['CONNECT', 'CONNECTED'];

const generated = (command) => {
  const parts = PLAIN.includes(command) ? PARTS.filter((part) => !/[\n\r]/.test(part)) : PARTS;
  // Neither side can write a colon in a name of these.
  const names = PLAIN.includes(command) ? parts.filter((part) => !part.includes(':')) : parts;
  const headers = Object.fromEntries(Array.from({ length: 1 + below(5) }, (_, i) => [`h${i}${text(names, 3)}`, text(parts, 6)]));
  return { command, headers, body: WITH_BODY.includes(command) ? text([...PARTS, '\0'], 20) : '' };
};

const frames = [
  { command: 'CONNECT', headers: { host: 'shop.example:8080', 'accept-version': '1.2', 'heart-beat': '10000,10000', 'session-id': 'a\\b' }, body: '' },
  { command: 'SUBSCRIBE', headers: { id: '0', destination: '/user/queue/acks' }, body: '' },
  { command: 'SEND', headers: { destination: '/app/log/batch', 'content-type': 'application/json' }, body: WHOLE },
  { command: 'SEND', headers: { destination: '/app/log/batch', odd: 'colon:back\\slash\nline\rreturn', 'nämé:': 'grüße €', empty: '' }, body: '' },
  { command: 'SEND', headers: { destination: 'x' }, body: '\0' },
  { command: 'UNSUBSCRIBE', headers: { id: '0' }, body: '' },
  { command: 'DISCONNECT', headers: { receipt: '7' }, body: '' },
  { command: 'CONNECTED', headers: { version: '1.2', 'heart-beat': '10000,10000', 'session-id': 'a\\c' }, body: '' },
  { command: 'MESSAGE', headers: { subscription: '0', 'message-id': 'x-1', destination: '/user/queue/acks' }, body: WHOLE },
  { command: 'MESSAGE', headers: { subscription: '0', 'message-id': 'x:2', destination: 'line\nreturn\rcolon:back\\' }, body: '' },
  { command: 'MESSAGE', headers: { subscription: '0', 'message-id': '3', destination: 'nul' }, body: 'a\0b\0' },
  { command: 'RECEIPT', headers: { 'receipt-id': '7' }, body: '' },
  { command: 'ERROR', headers: { message: 'no: such "thing"' }, body: 'more of it\n' },
  ...Array.from({ length: 120 }, () => generated(CLIENT[below(CLIENT.length)])),
  ...Array.from({ length: 120 }, () => generated(SERVER[below(SERVER.length)])),
];

const base64 = (bytes) => Buffer.from(bytes).toString('base64');
const lines = frames.map(({ command, headers, body }) =>
  JSON.stringify({
    command,
    headers,
    body: base64(body),
    ...(CLIENT.includes(command) ? { bytes: base64(encodeFrame(command, headers, body)) } : {}),
  }),
);
await writeFile(new URL('../test/frames.json', import.meta.url), `[\n${lines.join(',\n')}\n]\n`);
