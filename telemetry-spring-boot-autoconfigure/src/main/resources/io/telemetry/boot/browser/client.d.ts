/**
 * The browser client of the Telemetry Spring Boot starter: what `client.mjs` exports and what `client.js` puts on
 * `window.Telemetry`. Nothing declared here ever throws into the page.
 */

/** How much of which kind is kept: `default`, or a subtype such as `api-call`, with a rate between 0 and 1. */
export type Sampling = Record<string, number>;

/** Which collectors run. A name that is not listed here is left for collectors of later versions. */
export interface Collect {
  errors?: boolean;
  console?: boolean;
  network?: boolean;
  performance?: boolean;
  interactions?: boolean;
  navigation?: boolean;
  /** How far down the visitor scrolls; off unless asked for. */
  scroll?: boolean;
  /** Where the pointer moves; off unless asked for. */
  mouse?: boolean;
  /** Which element and which resource are behind a web vital; off unless asked for. */
  attribution?: boolean;
  [name: string]: boolean | undefined;
}

export interface BufferLimits {
  /** Events that are gathered before a batch leaves. */
  events?: number;
  /** Longest time in milliseconds that an event waits for its batch. */
  flushMs?: number;
  /** Largest batch in bytes. */
  bytes?: number;
  /** Events kept in all while delivery is outstanding; beyond it the least important, oldest ones are dropped. */
  stored?: number;
}

/** Asks for more privacy than the server does; nothing here can ask for less. */
export interface Privacy {
  /** Nothing is sent, and nothing kept on the device, before `setConsent(true)`. */
  requireConsent?: boolean;
  /** Global Privacy Control counts as a refusal. */
  respectGpc?: boolean;
  /** Do Not Track counts as a refusal. */
  respectDnt?: boolean;
  /** Names of fields that are removed at any depth beside passwords, tokens and the like; also where a longer name ends so. */
  remove?: string[];
}

/** What `GET <path>/config` answers and what `init` takes. The server's `enabled: false` and its limits always win. */
export interface Settings {
  enabled?: boolean;
  sampling?: Sampling;
  collect?: Collect;
  /** Which share of sessions is collected at all, between 0 and 1. */
  session?: {
    rate?: number;
    /** Milliseconds without any event after which the next one begins another session. */
    idleMs?: number;
  };
  buffer?: BufferLimits;
  /** Origins, such as `https://api.example`, whose requests carry `traceparent` like those to the page's own. */
  trace?: { origins?: string[] };
  privacy?: Privacy;
}

export interface Options extends Settings {
  /** Where the channel lives; from the script's own address when absent, else `/chsk`. */
  path?: string;
  /** Which of the front ends that share the server this is: `telemetry.channel.applications.<name>.key`. Not a secret. */
  key?: string;
  user?: string;
  release?: string;
  environment?: string;
  /** Prints every collected event to the browser's console. */
  debug?: boolean;
  /**
   * Sees a copy of every event, masked already, and returns it, changed or not, or null to drop it. Where it throws or
   * returns anything else (a promise, nothing at all), the event is dropped and counted.
   */
  beforeSend?: (event: Record<string, any>) => Record<string, any> | null | false;
  /** Sent with CONNECT and with every POST: a bearer token, for example. A function is asked anew on every use. */
  headers?: Record<string, string> | (() => Record<string, string>);
  /**
   * What `POST <path>/ticket` gave, for pages that can't send cookies or headers along: goes with CONNECT and within
   * every batch that is posted. A function is asked anew on every use.
   */
  ticket?: string | (() => string | undefined);
  /** Events whose message contains one of the strings or matches one of the expressions are left out. */
  ignore?: (string | RegExp)[];
}

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export type Context = Record<string, unknown>;

export interface Telemetry {
  /** Starts the client, or, when it runs, changes its options. Beats `data-*` attributes and the server's settings. */
  init(options?: Options): void;
  log(level: Level, message: string, context?: Context): void;
  error(error: unknown, context?: Context): void;
  track(name: string, properties?: Context): void;
  metric(name: string, value: number, unit?: string): void;
  feature(name: string, properties?: Context): void;
  conversion(funnel: string, step: string, value?: number): void;
  render(component: string, ms: number, items?: number): void;
  /** Whose events the following ones are; `null` for nobody. */
  setUser(user: string | { id: string } | null): void;
  /** Goes along with every following event; `null` clears it. */
  setContext(context: Context | null): void;
  /**
   * Whether the visitor agrees. Refused, what waits is discarded and nothing is collected; where consent is required,
   * nothing is sent before it is given. The page remembers the answer and says it again on every page.
   */
  setConsent(granted: boolean): void;
  enable(): void;
  /** Collects nothing until `enable`; what was collected before is still delivered. */
  disable(): void;
  /** Sends what waits; true once the server has answered for all of it, false when it has not within the time. */
  flush(timeoutMs?: number): Promise<boolean>;
  /** Delivers what waits, then leaves the page as it was found: listeners, wrapped functions, timers, connection. */
  stop(): Promise<void>;
}

/** What a collector gets to work with. */
export interface CollectorContext {
  env: unknown;
  record(event: object, sampleAs?: string): void;
  /** Puts into the trail of errors what is recorded later. */
  note(event: object): void;
  isOwn(url: string): boolean;
  onHide(work: () => void): () => void;
  load(use: (more: any) => void): void;
  attribute?: (entries: any[]) => object;
  count(reason: string, n?: number): void;
  traceOrigins(): string[];
  draw(event: object, sampleAs: string): number | undefined;
}

/** One source of events; `setting` names the key of `collect` that switches it. */
export interface Collector {
  /** For whoever reads it; the client does not. */
  name?: string;
  setting: string;
  /** Installed at once, where others come when the task is done in which the client came. */
  early?: boolean;
  install(context: any, again?: boolean): () => void;
}

/** Starts the client with all collectors. */
export function init(options?: Options): void;
/** Starts the client with just these collectors, so that a bundler can leave the others out. */
export function initWith(collectors: Collector[], options?: Options): void;
export function log(level: Level, message: string, context?: Context): void;
export function error(error: unknown, context?: Context): void;
export function track(name: string, properties?: Context): void;
export function metric(name: string, value: number, unit?: string): void;
export function feature(name: string, properties?: Context): void;
export function conversion(funnel: string, step: string, value?: number): void;
export function render(component: string, ms: number, items?: number): void;
export function setUser(user: string | { id: string } | null): void;
export function setContext(context: Context | null): void;
export function setConsent(granted: boolean): void;
export function enable(): void;
export function disable(): void;
export function flush(timeoutMs?: number): Promise<boolean>;
export function stop(): Promise<void>;

/** Uncaught errors and unhandled rejections. */
export const errors: Collector;
/** `console.warn` and `console.error`. */
export const consoleCalls: Collector;
/** `fetch`. */
export const fetchCalls: Collector;
/** Images, scripts and the like that could not be loaded. */
export const resources: Collector;
/** Violations of the content security policy, deprecations, interventions. */
export const reports: Collector;
/** The load of the page and its web vitals: LCP, INP, CLS, FCP, TTFB. */
export const webVitals: Collector;
/** Long animation frames, or long tasks. */
export const longFrames: Collector;
/** Clicks, and whether the page is seen. */
export const interactions: Collector;
/** What web vitals were caused by; only where `collect.attribution` asks for it. Comes with `on-request.mjs`, as the next two. */
export const attribution: Collector;
/** Scroll depth; only where `collect.scroll` asks for it. */
export const scroll: Collector;
/** Pointer positions; only where `collect.mouse` asks for it. */
export const mouse: Collector;
/** `XMLHttpRequest`. */
export const xhrCalls: Collector;
/** Route changes of single-page applications. */
export const routeChanges: Collector;

declare global {
  interface Window {
    /** Defined by `client.js`. */
    Telemetry: Telemetry;
  }
}
