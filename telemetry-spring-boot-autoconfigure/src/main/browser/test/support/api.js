import * as actual from '../../src/api.js';

/** With an `init` as the entries put it in, without collectors. */
export const createApi = (...parts) => {
  const api = actual.createApi(...parts);
  api.telemetry.init = (options = {}) => api.start([], () => ({}), options);
  return api;
};
