// Not run: tsc holds the declarations that users get against what is exported.
import type * as declared from '../client';
import * as actual from '../src/module.js';
import { createApi } from '../src/api.js';

type Same<T> = { [K in keyof T]: T[K] };

export const values: Same<Omit<typeof declared, never>> = actual;
export const nothingMore: Record<Exclude<keyof typeof actual, keyof typeof declared>, never> = {};
export const api: declared.Telemetry = createApi(window).telemetry;
export const onWindow: declared.Telemetry = window.Telemetry;

actual.init({ path: '/chsk', user: 'u', sampling: { default: 1, click: 0.5 }, collect: { console: false }, buffer: { events: 10 }, key: 'k', ticket: () => undefined });
actual.init({ privacy: { requireConsent: true, remove: ['iban'] }, session: { idleMs: 60000 }, beforeSend: (event) => (event.type === 'log' ? null : event) });
actual.setConsent(true);
actual.init({
  path: 'https://api.example/chsk',
  key: 'k',
  user: 'u',
  release: '1',
  environment: 'prod',
  debug: true,
  enabled: true,
  headers: () => ({ Authorization: 'Bearer x' }),
  ticket: 'x',
  session: { rate: 0.5 },
  sampling: { 'api-call': 0.1 },
  collect: { errors: true, console: false, network: true, performance: true, interactions: true, navigation: true },
  buffer: { events: 10, flushMs: 100, bytes: 4000, stored: 10 },
  trace: { origins: ['https://api.example'] },
  ignore: ['ResizeObserver', /^Non-Error/],
});
actual.initWith([actual.errors, actual.consoleCalls, actual.fetchCalls], { headers: { a: 'b' } });
for (const telemetry of [actual, window.Telemetry]) {
  const nothing: void[] = [
    telemetry.log('fatal', 'x', { a: 1 }),
    telemetry.error(new Error('x'), {}),
    telemetry.track('x', {}),
    telemetry.metric('x', 1, 'ms'),
    telemetry.feature('x', {}),
    telemetry.conversion('x', 'y', 1),
    telemetry.render('x', 1, 2),
    telemetry.setUser({ id: 'u' }),
    telemetry.setUser(null),
    telemetry.setContext(null),
    telemetry.enable(),
    telemetry.disable(),
  ];
  const stopped: Promise<void> = telemetry.stop();
  void [nothing, stopped];
}
// @ts-expect-error origins are texts
actual.init({ trace: { origins: [/api/] } });
// @ts-expect-error one rule instead of a list
actual.init({ ignore: 'ResizeObserver' });
// @ts-expect-error a number without a value
actual.metric('x');
// @ts-expect-error a user that is a number
actual.setUser(7);
// @ts-expect-error a context that is text
actual.setContext('x');
// @ts-expect-error a collector's name instead of the collector
actual.initWith(['errors']);
// @ts-expect-error an option that does not exist
actual.init({ url: '/chsk' });
// @ts-expect-error a rate that is text
actual.init({ sampling: { click: '0.1' } });
// @ts-expect-error a level that does not exist
actual.log('loud', 'x');
// @ts-expect-error a wrong type
actual.init({ debug: 'yes' });
export const arrived: Promise<boolean> = actual.flush();
