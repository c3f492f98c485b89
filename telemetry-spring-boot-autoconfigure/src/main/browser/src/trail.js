/**
 * The last things that happened on the page, for errors to take along.
 */
export const createTrail = () => ({
  /** @param {Record<string, any>} event as it is sent */
  add: (event) => void event,
  /** @returns {object[] | undefined} */
  list: () => undefined,
});
