/**
 * @param {unknown} text
 * @param {number} limit
 * @returns {string}
 */
export const cut = (text, limit) => {
  const string = String(text);
  return string.length > limit ? string.slice(0, limit - 1) + '…' : string;
};
