/**
 * How the sources are joined, and how the result is made small.
 *
 * @type {import('esbuild').BuildOptions}
 */
export const joining = {
  bundle: true,
  minifySyntax: true,
  target: 'es2020',
  charset: 'utf8',
  legalComments: 'none',
};

/**
 * Properties that nobody but this very file sees: not the page, not the server, not the disk, not another copy of the
 * client, not `on-request.mjs`. What is none of the client's own (an element's, a request's) must not be called so.
 */
export const OWN = [
  'isGranted', 'isRefused', 'isWithin', 'isReady', 'isEmpty', 'isOver', 'refusals', 'keepBounds', 'giveBack', 'pump',
  'settled', 'renew', 'returned', 'totals', 'moveTo', 'hides', 'adopt', 'drain', 'letGo', 'approve',
];

/** @type {import('terser').MinifyOptions} */
export const minifying = {
  ecma: 2020,
  compress: { passes: 4, conditionals: false, pure_getters: true, keep_fargs: false },
  mangle: { properties: { regex: new RegExp(`^(?:${OWN.join('|')})$`) } },
  // An engine keeps the text of a script in memory, twice as long where one character is not Latin-1.
  format: { comments: false, ascii_only: true },
};
