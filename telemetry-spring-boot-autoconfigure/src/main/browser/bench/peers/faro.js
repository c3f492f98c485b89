import { getWebInstrumentations, initializeFaro } from '@grafana/faro-web-sdk';

const faro = initializeFaro({ url: `${location.origin}/collect`, app: { name: 'bench' }, instrumentations: getWebInstrumentations() });
window.bench = { log: (text, context) => faro.api.pushLog([text], { context }) };
