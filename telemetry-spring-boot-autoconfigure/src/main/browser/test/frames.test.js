import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createDecoder } from '../src/stomp/decode.js';
import { encodeFrame } from '../src/stomp/encode.js';

// Spring's side of each is FrameFixtureTests; scripts/frames.js makes the file.
const FRAMES = JSON.parse(readFileSync(new URL('frames.json', import.meta.url), 'utf8'));
const CLIENT = ['CONNECT', 'SUBSCRIBE', 'SEND', 'UNSUBSCRIBE', 'DISCONNECT'];
const bytesOf = (base64) => new Uint8Array(Buffer.from(base64, 'base64'));
const bodyOf = ({ body }) => Buffer.from(body, 'base64').toString();

test('we write the bytes that Spring was seen to read', () => {
  const frames = FRAMES.filter(({ command }) => CLIENT.includes(command));
  assert.ok(frames.length > 100);
  for (const frame of frames) {
    assert.deepEqual(encodeFrame(frame.command, frame.headers, bodyOf(frame)), bytesOf(frame.bytes), JSON.stringify(frame));
  }
});

test('we read the bytes that Spring was seen to write, one by one and all at once, heart-beats between them', () => {
  const frames = FRAMES.filter(({ command }) => !CLIENT.includes(command));
  assert.ok(frames.length > 100);
  const all = Buffer.concat(frames.flatMap(({ bytes }) => [bytesOf(bytes), Uint8Array.of(10)]));
  for (const size of [all.length, 8192, 7, 1]) {
    const read = [];
    const decode = createDecoder((frame) => read.push(frame));
    for (let from = 0; from < all.length; from += size) decode(new Uint8Array(all.subarray(from, from + size)));
    assert.equal(read.length, frames.length);
    frames.forEach((frame, i) => {
      const { 'content-length': length, ...headers } = read[i].headers;
      assert.deepEqual([read[i].command, headers, read[i].body], [frame.command, frame.headers, bodyOf(frame)]);
    });
  }
});
