import { captureMessage, init } from '@sentry/browser';

init({ dsn: location.origin.replace('//', '//key@') + '/1' });
window.bench = { log: (text, extra) => captureMessage(text, { extra }) };
