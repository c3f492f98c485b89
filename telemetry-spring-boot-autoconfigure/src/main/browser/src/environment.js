/**
 * Everything the client takes from the page, so that tests can hand in time, chance and a network of their own.
 *
 * Functions are taken once, when the client starts: what the page patches later (fake timers, wrapped fetch, our own
 * fetch collector) does not reach the client's own work, so it never collects its own requests.
 *
 * @typedef {object} Environment
 * @property {Window & typeof globalThis} window
 * @property {Document} document
 * @property {() => number} now epoch milliseconds, for timestamps
 * @property {() => number} monotonic milliseconds that never jump, for durations and deadlines
 * @property {() => number} random
 * @property {() => string} id random, 32 characters
 * @property {(work: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {(work: () => void) => void} microtask
 * @property {(work: () => void) => void} soon when what runs now is done
 * @property {typeof fetch | undefined} fetch
 * @property {typeof WebSocket | undefined} WebSocket
 * @property {() => boolean} keepalive whether fetch knows `keepalive`
 * @property {((url: string, body: Blob) => boolean) | undefined} sendBeacon
 * @property {() => Storage} storage throws where it is forbidden
 * @property {() => Storage} local throws where it is forbidden
 * @property {() => IDBFactory} indexedDB throws where it is forbidden
 * @property {() => LockManager | undefined} locks
 * @property {(text: string) => Promise<Uint8Array<ArrayBuffer>>} [gzip]
 * @property {(url: string) => Promise<any>} load a module
 * @property {Record<string, any>} told what was measured of this page and told of
 * @property {(...args: unknown[]) => void} print the console as it was before it was wrapped
 */
/**
 * @param {Window & typeof globalThis} window
 * @returns {Environment}
 */
export const createEnvironment = function (window) {
  const { document, navigator, performance, console } = window;
  return {
    window,
    document,
    now: Date.now,
    monotonic: performance.now.bind(performance),
    random: Math.random,
    id: () => [...window.crypto.getRandomValues(new Uint8Array(16))].map((n) => (n + 256).toString(16).slice(1)).join(''),
    setTimeout: window.setTimeout.bind(window),
    clearTimeout: window.clearTimeout.bind(window),
    microtask: window.queueMicrotask.bind(window),
    soon: window.setTimeout.bind(window),
    fetch: window.fetch?.bind(window),
    WebSocket: window.WebSocket,
    keepalive: () => 'keepalive' in window.Request.prototype,
    sendBeacon: navigator.sendBeacon?.bind(navigator),
    // Reading these throws where storage is forbidden (sandboxed frames, blocked cookies).
    storage: () => window.sessionStorage,
    local: () => window.localStorage,
    indexedDB: () => window.indexedDB,
    locks: () => navigator.locks,
    gzip:
      'CompressionStream' in window
        ? async (text) => {
          const packed = /** @type {ReadableStream} */ (new Response(text).body).pipeThrough(new CompressionStream('gzip'));
          return new Uint8Array(await new Response(packed).arrayBuffer());
        }
        : undefined,
    load: (url) => import(url),
    told: {},
    print: console.debug?.bind(console),
  };
};
