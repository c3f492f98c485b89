import { browserTracingIntegration, captureMessage, init } from '@sentry/browser';

init({ dsn: location.origin.replace('//', '//key@') + '/1', integrations: [browserTracingIntegration()], tracesSampleRate: 1 });
window.bench = { log: (text, extra) => captureMessage(text, { extra }) };
