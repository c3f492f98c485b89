import { cleanUrl } from '../url.js';
import { observe } from '../listen.js';

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
  setting: 'performance',
  install({ env: { window }, record, count, onHide }, again) {
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

    return observe(window, onHide, ['long-animation-frame', 'longtask'], take, { buffered: !again }, 1);
  },
};
