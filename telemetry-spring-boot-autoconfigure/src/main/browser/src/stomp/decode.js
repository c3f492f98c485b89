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
    if (!(found in ESCAPES)) throw new Error('undefined escape');
    return ESCAPES[found];
  });

/** @param {string} head @returns {Frame} */
const parseHead = (head) => {
  const [command, ...lines] = head.split('\n').map((line) => line.replace(/\r$/, ''));
  const read = command === 'CONNECTED' ? /** @param {string} text */ (text) => text : unescape;
  const headers = Object.create(null);
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 0) throw new Error('header without colon');
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
  /** Where the search for the end of the head goes on, so that many small pieces don't cost quadratic time. */
  let searched = 0;

  /** @returns {boolean} whether a frame was taken out */
  const take = () => {
    let start = 0;
    while (pending[start] === LF || pending[start] === CR) start++;
    if (start > 0) {
      pending = pending.slice(start);
      searched = 0;
    }
    let end = -1;
    for (let i = searched; i < pending.length && end < 0; i++) {
      if (pending[i] !== LF) continue;
      const next = pending[i + 1] === CR ? i + 2 : i + 1;
      if (pending[next] === LF) end = next + 1;
    }
    if (end < 0) {
      searched = Math.max(0, pending.length - 2);
      return false;
    }
    const frame = parseHead(toText(pending.subarray(0, end)).replace(/(\r?\n){2}$/, ''));
    const length = frame.headers['content-length'];
    if (length !== undefined && !/^\d{1,9}$/.test(length)) throw new Error('content-length');
    const close = length === undefined ? pending.indexOf(0, end) : end + Number(length);
    if (close < 0 || close >= pending.length) return false;
    if (pending[close] !== 0) throw new Error('no end of frame');
    frame.body = toText(pending.subarray(end, close));
    pending = pending.slice(close + 1);
    searched = 0;
    onFrame(frame);
    return true;
  };

  return (data) => {
    const bytes = typeof data === 'string' ? toBytes(data) : new Uint8Array(data);
    const joined = new Uint8Array(pending.length + bytes.length);
    joined.set(pending);
    joined.set(bytes, pending.length);
    pending = joined;
    if (pending.length > LARGEST) throw new Error('frame too large');
    while (pending.length > 0 && take());
  };
};
