import { toBytes } from '../bytes.js';

/** @type {Record<string, string>} */
export const ESCAPES = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', ':': '\\c' };

/** @param {string} text */
const escape = (text) => text.replace(/[\\\n\r:]/g, (c) => ESCAPES[c]);

/** CONNECT can't escape, so that STOMP 1.0 servers understand it: what would break the frame is left out.
 * @param {string} text */
const strip = (text) => text.replace(/[\n\r]/g, '');

/**
 * A STOMP 1.2 frame. https://stomp.github.io/stomp-specification-1.2.html
 *
 * @param {string} command
 * @param {Record<string, string | undefined>} headers
 * @param {string | Uint8Array} [body]
 * @returns {Uint8Array<ArrayBuffer>}
 */
export const encodeFrame = (command, headers, body = '') => {
  const clean = command === 'CONNECT' ? strip : escape;
  const content = typeof body === 'string' ? toBytes(body) : body;
  let head = command + '\n';
  for (const [name, value] of Object.entries({ ...headers, 'content-length': content.length || undefined })) {
    if (value !== undefined) head += `${clean(name)}:${clean(String(value))}\n`;
  }
  const start = toBytes(head + '\n');
  // Made of zeros, so that it ends as a frame does.
  const frame = new Uint8Array(start.length + content.length + 1);
  frame.set(start);
  frame.set(content, start.length);
  return frame;
};
