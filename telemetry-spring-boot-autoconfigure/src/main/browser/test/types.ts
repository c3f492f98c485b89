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
// @ts-expect-error a level that does not exist
actual.log('loud', 'x');
// @ts-expect-error a wrong type
actual.init({ debug: 'yes' });
export const arrived: Promise<boolean> = actual.flush();
