import { consoleCalls } from './console.js';
import { errors } from './errors.js';
import { fetchCalls } from './fetch.js';
import { interactions } from './interactions.js';
import { longFrames } from './long-frames.js';
import { attribution, mouse, scroll } from './on-request.js';
import { reports } from './reports.js';
import { resources } from './resources.js';
import { webVitals } from './vitals.js';
import { routeChanges } from './navigation.js';
import { xhrCalls } from './xhr.js';

/**
 * @typedef {object} Context
 * @property {import('../environment.js').Environment} env
 * @property {(event: Record<string, any>, sampleAs?: string) => void} record `sampleAs` where the rate goes by a finer
 *   name than the subtype
 * @property {(event: Record<string, any>) => void} note puts into the trail what is recorded later
 * @property {(url: string) => boolean} isOwn whether an address belongs to the client itself
 * @property {(work: () => void) => () => void} onHide last chance to record before the page is hidden or left
 * @property {(use: (more: typeof import('../on-request.js')) => void) => void} load the file for that; never calls where it
 *   can't be had
 * @property {(entries: any[]) => object} [attribute] what web vitals say of their cause, where asked for
 * @property {(reason: string, n?: number) => void} count what is left out, by reason
 * @property {() => string[]} traceOrigins beside the page's own
 * @property {(event: Record<string, any>, sampleAs: string) => number | undefined} draw decides before an event is made
 *   whether it is kept, where the shares are known by then; it bears what this gives as `sampleRate`
 */

/**
 * A source of events. `install` returns what takes it out again without a trace; `again` tells that it was installed
 * before, so that what the browser keeps of the time before was told, or was not to be. Only an `early` one is
 * installed at once, the others when the task is done in which the client came: no visitor has done anything by then, and
 * what the browser measures it keeps for them.
 *
 * @typedef {{ setting: string, early?: boolean, install: (context: Context, again?: boolean) => () => void }} Collector
 */

/** @type {Collector[]} */
export const all = [errors, resources, reports, consoleCalls, fetchCalls, xhrCalls, webVitals, longFrames, interactions, attribution, scroll, mouse, routeChanges];
