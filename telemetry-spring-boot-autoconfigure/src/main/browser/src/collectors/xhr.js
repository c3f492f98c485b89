import { wrap } from '../wrap.js';
import { listen } from '../listen.js';
import { TRACEPARENT, requestCollector } from '../requests.js';

/** Every `XMLHttpRequest` of the page: three functions of the prototype, and listeners of ours while a request runs. */
export const xhrCalls = /* @__PURE__ */ requestCollector((window, begin) => {
  const prototype = window.XMLHttpRequest?.prototype || {};
  /** What each object is open for. @type {WeakMap<object, { method: any, url: any, header?: string, end?: (type: string) => void }>} */
  const calls = new WeakMap();

  return [
    wrap(prototype, 'open', (xhr, [method, url]) => {
      // Opening once more ends what the object was at, without an event.
      calls.get(xhr)?.end?.('abort');
      calls.set(xhr, { method, url });
    }),
    wrap(prototype, 'setRequestHeader', (xhr, [name, value]) => {
      if (name.toLowerCase() === TRACEPARENT) /** @type {any} */ (calls.get(xhr)).header = value;
    }),
    wrap(prototype, 'send', function (xhr) {
      const call = calls.get(xhr);
      if (!call || call.end) return undefined;
      const finish = begin(call.url, call.method, (traceparent) => {
        if (!call.header) xhr.setRequestHeader(TRACEPARENT, traceparent);
        return call.header || traceparent;
      });
      /** @param {string} type */
      const end = (type) => {
        calls.delete(xhr);
        remove();
        finish?.(xhr.status, xhr.status || type === 'load' ? '' : type);
      };
      // In the capture phase, ahead of the page's listeners, which may open the object for the next request.
      const remove = listen(xhr, 'load error timeout abort', ({ type }) => end(type));
      call.end = end;
      // A synchronous one tells of its failure by an exception only.
      return () => xhr.readyState === 4 && calls.has(xhr) && end('error');
    }),
  ];
});
