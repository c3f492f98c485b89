import { ESCAPES } from './encode.js';
import { byteLength, join, toBytes, toText } from '../bytes.js';

/** A server that never ends its frame must not fill the page's memory. */
const LARGEST = 1 << 20;

/** @typedef {{ command: string, headers: Record<string, string>, body: string }} Frame */

/** @param {string} text */
const unescape = (text) =>
  text.replace(/\\[^]?/g, (found) => {
    // Whatever is no escape finds nothing to take apart, and that throws.
    const [plain] = /** @type {string[]} */ (Object.entries(ESCAPES).find(([, escaped]) => escaped === found));
    return plain;
  });

/** @param {string} head @returns {Frame} */
const parseHead = (head) => {
  const [command, ...lines] = head.split(/\r?\n/);
  const read = command === 'CONNECTED' ? String : unescape;
  const headers = Object.create(null);
  for (const line of lines) {
    // Without a colon there is nothing to take apart, and that throws.
    const [, name, value] = /** @type {string[]} */ (/^([^:]*):([^]*)/.exec(line)).map(read);
    // Of repeated headers the first counts.
    if (!(name in headers)) headers[name] = value;
  }
  return { command, headers, body: '' };
};

/**
 * Reads frames out of WebSocket messages, however they are split or joined; line ends between frames are heart-beats.
 *
 * @param {(frame: Frame) => void} onFrame
 * @returns {(data: string | ArrayBuffer | Uint8Array) => void} throws on what is not STOMP
 */
export const createDecoder = (onFrame) => {
  let pending = new Uint8Array(0);

  /** @returns {boolean} whether a frame was taken out */
  const take = () => {
    const [start, head] = /^[\r\n]*([^\r\n][^]*?)\r?\n\r?\n/.exec(toText(pending)) || [];
    if (!start) return false;
    const body = byteLength(start);
    const frame = parseHead(head);
    const length = frame.headers['content-length'];
    const close = length ? body + Number(length) : pending.indexOf(0, body);
    if (close < 0 || close >= pending.length) return false;
    if (pending[close] !== 0) throw 0;
    frame.body = toText(pending.subarray(body, close));
    pending = pending.subarray(close + 1);
    onFrame(frame);
    return true;
  };

  return (data) => {
    pending = join(pending, typeof data === 'string' ? toBytes(data) : new Uint8Array(data));
    if (pending.length > LARGEST) throw 0;
    while (take());
  };
};
