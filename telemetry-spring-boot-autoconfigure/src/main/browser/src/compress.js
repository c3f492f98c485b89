/** Below it the head of a gzip stream and the detour cost more than they save. */
const WORTH = 1000;

/**
 * Hands text on as it is, or compressed where that pays, and never out of turn.
 *
 * @param {import('./environment.js').Environment} env
 */
export const createPacker = ({ gzip }) => {
  /** Ends when all before are handed on. */
  let line = Promise.resolve();

  /** @param {string} text @param {(content: string | Uint8Array<ArrayBuffer>, encoding?: string) => void} use */
  return (text, use) => {
    const packing = gzip && text.length >= WORTH ? gzip(text).catch(() => text) : text;
    line = line.then(async () => {
      const packed = await packing;
      if (packed.length < text.length) use(packed, 'gzip');
      else use(text);
    });
  };
};
