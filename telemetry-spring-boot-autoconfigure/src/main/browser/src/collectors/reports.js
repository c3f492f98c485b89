import { guard } from '../guard.js';
import { listen, together } from '../listen.js';
import { cleaned, place } from '../location.js';

/**
 * What the browser itself has to say about the page: violations of its content security policy (also where it only
 * reports them), deprecated functions, and interventions.
 *
 * @type {import('./index.js').Collector}
 */
export const reports = {
  setting: 'errors',
  early: true,
  install({ env: { window, document }, record, isOwn }, again) {
    /** @param {any} report */
    const locate = ({ sourceFile, lineNumber, columnNumber }) => place(window, sourceFile, lineNumber, columnNumber);

    const { ReportingObserver } = /** @type {any} */ (window);
    const options = { types: ['deprecation', 'intervention'], buffered: !again };
    const observer = ReportingObserver && new ReportingObserver((/** @type {any[]} */ list) => guard(() => list.forEach(({ type, body }) => {
      record({ type: 'log', subtype: type, level: 'warn', message: body.message, location: locate(body) });
    })), options);
    observer?.observe();

    return together(
      () => observer?.disconnect(),
      listen(document, 'securitypolicyviolation', function (event) {
        const { effectiveDirective } = event;
        const url = cleaned(window, event.blockedURI);
        // A policy that keeps the client from its own server would be told of each attempt to tell it.
        if (isOwn(url.replace(/^ws/, 'http'))) return;
        record({
          type: 'error',
          subtype: 'csp',
          message: `${effectiveDirective} forbids ${url}`,
          directive: effectiveDirective,
          url,
          disposition: event.disposition,
          location: locate(event),
        });
      }),
    );
  },
};
