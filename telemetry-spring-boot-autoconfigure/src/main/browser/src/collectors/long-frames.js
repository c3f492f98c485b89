import { cleanUrl } from '../url.js';
import { guard } from '../guard.js';

/** A page that is slow throughout would tell the same all day. */
const MOST = 50;
/** A frame in which no task is long holds nobody up until it is that long itself. */
const SLOW_MS = 150;

/**
 * Frames that kept the visitor waiting, with the script that took longest; where the browser doesn't know frames, tasks.
 *
 * @type {import('./index.js').Collector}
 */
export const longFrames = {
  name: 'long-frames',
  setting: 'performance',
  install: ({ env, record, count }) => {
    const { window } = env;
    const { PerformanceObserver } = window;
    let left = MOST;

    /** @param {any} entry */
    const take = ({ duration, blockingDuration = duration - 50, scripts }) => {
      if (!blockingDuration && duration < SLOW_MS) return;
      if (left-- < 1) return count('long-frames');
      const [script] = [...(scripts || [])].sort((a, b) => b.duration - a.duration);
      record({
        type: 'metric',
        subtype: scripts ? 'long-frame' : 'long-task',
        durationMs: Math.round(duration),
        blockingMs: Math.round(blockingDuration),
        script: script && {
          url: script.sourceURL && cleanUrl(window, script.sourceURL),
          function: script.sourceFunctionName,
          durationMs: Math.round(script.duration),
        },
      });
    };

    // Asking for an unknown type does not throw: it prints a warning into the page's console.
    const type = ['long-animation-frame', 'longtask'].find((one) => PerformanceObserver.supportedEntryTypes.includes(one));
    const observer = new PerformanceObserver((list) => guard(() => list.getEntries().forEach(take), undefined));
    observer.observe({ type, buffered: true });
    return () => observer.disconnect();
  },
};
