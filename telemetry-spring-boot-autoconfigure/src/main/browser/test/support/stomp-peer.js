/**
 * The other end of a connection, read and written with stompjs, so that our codec is not tested against itself.
 */
import { FrameImpl } from '../../node_modules/@stomp/stompjs/esm6/frame-impl.js';
import { Parser } from '../../node_modules/@stomp/stompjs/esm6/parser.js';

/** What stompjs makes of bytes: frames and heart-beats, in order. */
export const createPeerParser = () => {
  const frames = [];
  let beats = 0;
  const parser = new Parser(
    (raw) => frames.push(FrameImpl.fromRawFrame(raw, true)),
    () => beats++,
  );
  return {
    frames,
    beats: () => beats,
    push: (data) => parser.parseChunk(typeof data === 'string' ? data : data.slice().buffer),
  };
};

/** A frame as stompjs writes it, always as bytes. */
export const peerFrame = (command, headers, body) => {
  const raw = FrameImpl.marshall({ command, headers, body, escapeHeaderValues: command !== 'CONNECTED' });
  return typeof raw === 'string' ? new TextEncoder().encode(raw) : new Uint8Array(raw);
};
