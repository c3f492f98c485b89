/** @type {Record<string, number>} */
const LEVELS = { fatal: 3, error: 3, warn: 2 };

/**
 * What is given up first when memory is full: analytics, then metrics and ordinary logs, then warnings, then errors.
 *
 * @param {Record<string, any>} event
 */
export const importance = (event) => {
  if (isUrgent(event)) return 3;
  if (event.type === 'log') return LEVELS[event.level] || 1;
  return event.type === 'metric' ? 1 : 0;
};

/** @param {Record<string, any>} event */
export const isUrgent = (event) => event.type === 'error' || event.severity === 'high';
