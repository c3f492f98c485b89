import { cut } from '../cut.js';
import { print } from '../describe.js';
import { guard } from '../guard.js';
import { together } from '../listen.js';
import { locate } from '../location.js';
import { LIMITS, snapshot } from '../snapshot.js';
import { wrap } from '../wrap.js';

/** @param {any} value already copied */
const show = (value) => (typeof value?.message === 'string' && value.name ? `${value.name}: ${value.message}` : print(value));

/**
 * What the console would show on one line. https://console.spec.whatwg.org/#formatter
 *
 * @param {any[]} args already copied
 */
const format = (args) => {
  const rest = [...args];
  /** @param {string} found */
  const fill = (found) => {
    if (found === '%%') return '%';
    const value = rest.length > 0 ? rest.shift() : found;
    return found === '%c' ? '' : show(value);
  };
  if (typeof rest[0] === 'string') rest.unshift(rest.shift().replace(/%[sdifoOc%]/g, fill));
  return cut(rest.map(show).join(' '), LIMITS.message);
};

/**
 * `console.warn` and `console.error`. The page's call goes first and gives its own result; arguments are copied once, and
 * what is printed while they are copied (by a getter, by `toJSON`) is not collected, or it would never end.
 *
 * @type {import('./index.js').Collector}
 */
export const consoleCalls = {
  setting: 'console',
  early: true,
  install({ env: { window }, record, isOwn }) {
    let busy = false;

    /** @param {'warn' | 'error'} level */
    const watch = (level) => wrap(window.console, level, (_, values) => busy ? undefined : function () {
      busy = true;
      guard(() => {
        const args = values.slice(0, LIMITS.items).map((value) => snapshot(value, LIMITS.string));
        const message = format(args);
        // A tool that prints what it sees on the network would be answered with the next request.
        if (message.split(/[\s"'()]/).some(isOwn)) return;
        const stack = args.find((arg) => typeof arg?.stack === 'string')?.stack;
        record(level === 'warn'
          ? { type: 'log', subtype: 'console', message, args, level }
          : { type: 'error', subtype: 'console', message, args, stack, location: locate(window, stack) });
      });
      busy = false;
    });

    return together(watch('warn'), watch('error'));
  },
};
