import { toBytes, toText } from '../bytes.js';

const LF = 10;
const CR = 13;
/** A server that never ends its frame must not fill the page's memory. */
const LARGEST = 1 << 20;

/** @typedef {{ command: string, headers: Record<string, string>, body: string }} Frame */

/** @type {Record<string, string>} */
const ESCAPES = { '\\\\': '\\', '\\n': '\n', '\\r': '\r', '\\c': ':' };

/** @param {string} text */
const unescape = (text) =>
  text.replace(/\\[^]?/g, (found) => {
    if (!(found in ESCAPES)) throw 0;
    return ESCAPES[found];
  });

/** @param {string} head @returns {Frame} */
const parseHead = (head) => {
  const [command, ...lines] = head.split('\n').map((line) => line.replace(/\r$/, ''));
  const read = command === 'CONNECTED' ? /** @param {string} text */ (text) => text : unescape;
  const headers = Object.create(null);
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 0) throw 0;
    const name = read(line.slice(0, colon));
    // Of repeated headers the first counts.
    if (!(name in headers)) headers[name] = read(line.slice(colon + 1));
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
    let start = 0;
    while (pending[start] === LF || pending[start] === CR) start++;
    pending = pending.subarray(start);
    let end = 0;
    let body = 0;
    while (end < pending.length && !body) {
      if (pending[end++] !== LF) continue;
      const next = pending[end] === CR ? end + 1 : end;
      if (pending[next] === LF) body = next + 1;
    }
    if (!body) return false;
    const frame = parseHead(toText(pending.subarray(0, end - 1)));
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
    const bytes = typeof data === 'string' ? toBytes(data) : new Uint8Array(data);
    const joined = new Uint8Array(pending.length + bytes.length);
    joined.set(pending);
    joined.set(bytes, pending.length);
    pending = joined;
    if (pending.length > LARGEST) throw 0;
    while (take());
  };
};
