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

/** @type {import('terser').MinifyOptions} */
export const minifying = {
  ecma: 2020,
  compress: { passes: 4, unsafe_arrows: true, pure_getters: true, keep_fargs: false },
  // An engine keeps the text of a script in memory, twice as long where one character is not Latin-1.
  format: { comments: false, ascii_only: true },
};
