import { ESCAPES } from './encode.js';
import { byteLength } from '../bytes.js';

/** A server that never ends its frame must not fill the page's memory. */
const LARGEST = 1 << 20;

/** @typedef {{ command: string, headers: Record<string, string>, body: string }} Frame */

/** @param {string} text */
const unescape = (text) =>
  // Whatever is no escape is not found, and that throws.
  text.replace(/\\[^]?/g, (found) => /** @type {string} */ (Object.keys(ESCAPES).find((plain) => ESCAPES[plain] === found))[0]);

/** @param {string} text up to a NUL @returns {Frame | undefined} nothing where that NUL belongs to the body */
const parseFrame = (text) => {
  // Without a head, and in it without a colon, there is nothing to take apart, and that throws.
  const [, head, body] = /** @type {string[]} */ (/^[\r\n]*([^\r\n][^]*?)\r?\n\r?\n([^]*)/.exec(text));
  const [command, ...lines] = head.split(/\r?\n/);
  const read = command === 'CONNECTED' ? String : unescape;
  /** @param {string} line */
  const parseHeader = (line) => /** @type {string[]} */ (/^([^:]*):([^]*)/.exec(line)).slice(1).map(read);
  // Of repeated headers the first counts.
  const headers = Object.fromEntries(lines.reverse().map(parseHeader));
  const missing = headers['content-length'] - byteLength(body);
  if (missing < 0) throw 0;
  return missing > 0 ? undefined : { command, headers, body };
};

/**
 * Reads frames out of WebSocket messages, however they are split or joined; line ends between frames are heart-beats.
 *
 * @param {(frame: Frame) => void} onFrame
 * @returns {(data: string | ArrayBuffer | Uint8Array<ArrayBuffer>) => void} throws on what is not STOMP
 */
export const createDecoder = (onFrame) => {
  // Keeps the part of a character until the rest comes. A byte order mark at the beginning of a body belongs to it.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let pending = '';

  return (data) => {
    const [first, ...rest] = (typeof data === 'string' ? data : decoder.decode(data, { stream: true })).split('\0');
    pending += first;
    for (const next of rest) {
      const frame = parseFrame(pending);
      pending = frame ? next : `${pending}\0${next}`;
      if (frame) onFrame(frame);
    }
    if (pending.length > LARGEST) throw 0;
  };
};
