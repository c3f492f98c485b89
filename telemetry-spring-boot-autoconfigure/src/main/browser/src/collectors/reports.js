import { guard } from '../guard.js';
import { listen } from '../listen.js';
import { cleaned, place } from '../location.js';

/**
 * What the browser itself has to say about the page: violations of its content security policy (also where it only
 * reports them), deprecated functions, and interventions.
 *
 * @type {import('./index.js').Collector}
 */
export const reports = {
  name: 'reports',
  setting: 'errors',
  install: ({ env, record, isOwn }) => {
    const { window, document } = env;

    /** @param {any} report */
    const locate = ({ sourceFile, lineNumber, columnNumber }) => place(window, sourceFile, lineNumber, columnNumber);

    const removeViolation = listen(document, 'securitypolicyviolation', (event) => {
      const { blockedURI, effectiveDirective, disposition } = event;
      const url = cleaned(window, blockedURI);
      // A policy that keeps the client from its own server would be told of each attempt to tell it.
      if (isOwn(url.replace(/^ws/, 'http'))) return;
      record({
        type: 'error',
        subtype: 'csp',
        severity: 'medium',
        message: `${effectiveDirective} forbids ${url}`,
        directive: effectiveDirective,
        url,
        disposition,
        location: locate(event),
      });
    });

    /** @param {any[]} list */
    const take = (list) => {
      for (const { type, body } of list) {
        record({ type: 'log', subtype: type, level: 'warn', severity: 'low', message: body.message, location: locate(body) });
      }
    };
    const observer = guard(
      () => new /** @type {any} */ (window).ReportingObserver((/** @type {any[]} */ list) => guard(() => take(list), undefined), {
        types: ['deprecation', 'intervention'],
        buffered: true,
      }),
      undefined,
    );
    observer?.observe();

    return () => {
      removeViolation();
      observer?.disconnect();
    };
  },
};
