/** Below it the head of a gzip stream and the detour cost more than they save. */
const WORTH = 1000;

/**
 * Hands text on as it is, or compressed where that pays: at once where nothing is in the way, and never out of turn.
 *
 * @param {import('./environment.js').Environment} env
 */
export const createPacker = ({ gzip }) => {
  /** @type {Promise<unknown> | undefined} */
  let line;

  /** @param {string} text @param {(content: string | Uint8Array<ArrayBuffer>, encoding?: string) => void} use */
  return (text, use) => {
    const small = !gzip || text.length < WORTH;
    if (small && !line) return use(text);
    const before = line;
    const work = async () => {
      const packed = small ? text : await gzip(text).catch(() => text);
      await before;
      if (line === turn) line = undefined;
      if (packed.length < text.length) use(packed, 'gzip');
      else use(text);
    };
    const turn = (line = work());
  };
};
