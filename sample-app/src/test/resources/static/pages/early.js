window.Telemetry = window.Telemetry || ((q) => {
  const keep = (name) => (...args) => { if (q.length < 100) q.push([name, args, Date.now()]); };
  const early = { q };
  for (const name of ['init', 'log', 'error', 'track', 'metric', 'feature', 'conversion', 'render', 'setUser', 'setContext', 'setConsent', 'enable', 'disable']) {
    early[name] = keep(name);
  }
  addEventListener('error', ({ error, message }) => early === window.Telemetry && early.error(error || message));
  return early;
})([]);
