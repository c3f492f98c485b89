/**
 * What is given up first when memory is full: analytics, then metrics and ordinary logs, then warnings, then errors.
 *
 * @param {Record<string, any>} event
 */
export const importance = (event) => {
  if (isUrgent(event) || event.level === 'error' || event.level === 'fatal') return 3;
  if (event.level === 'warn') return 2;
  return event.type === 'log' || event.type === 'metric' ? 1 : 0;
};

/** @param {Record<string, any>} event */
export const isUrgent = (event) => event.type === 'error' || event.severity === 'high';
