import { guard } from './guard.js';
import { toJson } from './json.js';

/** Equal errors within it become one event with their count; it begins with the first error. */
const WINDOW_MS = 10000;
/** Different errors that are watched for it at a time. */
const MOST_KEYS = 50;
/** One event each so many milliseconds for long: errors, what the page reports itself, everything else.
 * @type {Record<string, number>} */
const EVERY_MS = { error: 100, call: 1, other: 50 };
/** At once go as many as these would let through in this time. */
const BURST_MS = 5000;

/**
 * Holds back what comes too often: equal errors are folded into a count, and a page that floods is limited.
 *
 * @param {import('./environment.js').Environment} env
 * @param {(reason: string, n?: number) => void} count
 * @param {(event: Record<string, any>) => void} emit what goes on, at once or later
 */
export const createFlood = function (env, count, emit) {
  /** The first of its kind, or its last repetition with their count. @type {Map<string, Record<string, any>>} */
  const folds = new Map();
  /** @type {any} */
  let timer;
  /** From when on the next is due. @type {Record<string, number>} */
  const due = {};

  const close = () => {
    env.clearTimeout(timer);
    timer = undefined;
    folds.clear();
  };

  const flush = () => {
    const held = [...folds.values()];
    close();
    for (const event of held) if (event.count) guard(() => emit(event));
  };

  return {
    /** @param {Record<string, any>} event ready to be sent @param {boolean} [called] whether the page reported it itself */
    take(event, called) {
      const isError = event.type === 'error';
      const key = isError ? toJson([event.subtype, event.name, event.message, event.location || event.stack]) : '';
      const held = folds.get(key);
      const kind = called ? 'call' : isError ? 'error' : 'other';
      const now = env.monotonic();
      const next = Math.max(due[kind] ?? -BURST_MS, now - BURST_MS) + EVERY_MS[kind];
      if (held) {
        // The latest stands for all: it has the latest trail.
        folds.set(key, { ...event, count: held.count + 1 });
      } else if (next > now) {
        count('flood');
      } else {
        due[kind] = next;
        if (isError && folds.size < MOST_KEYS) {
          folds.set(key, { ...event, count: 0 });
          timer = timer || env.setTimeout(flush, WINDOW_MS);
        }
        emit(event);
      }
    },
    /** Hands out what it holds back: the page is about to go. */
    flush,
    /** Forgets it. */
    close,
  };
};
