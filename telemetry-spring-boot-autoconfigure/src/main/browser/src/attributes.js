/**
 * The channel's path as the address of the client's own file tells it, context path included. A bundler moves the
 * module elsewhere, and a file on another host is not the channel: then the default stands.
 *
 * @param {Window} window
 * @param {string | undefined} file
 */
export const pathOf = (window, file) => {
  const [, path] = /^(.+)\/client\.m?js(?:[?#]|$)/.exec(file || '') || [];
  return path?.startsWith(window.location.origin + '/') ? path : '/chsk';
};

/**
 * @param {Window} window
 * @param {Pick<HTMLScriptElement, 'src' | 'dataset'> | null | undefined} script
 */
export const readAttributes = (window, script) => {
  const { path, key, user, release, environment, debug, consent } = script?.dataset || /** @type {DOMStringMap} */ ({});
  return {
    path: path || pathOf(window, script?.src),
    key,
    user,
    release,
    environment,
    debug: debug !== undefined && debug !== 'false',
    privacy: { requireConsent: consent === 'required' },
  };
};
