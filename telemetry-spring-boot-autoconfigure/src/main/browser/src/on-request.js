/**
 * What few ask for: a file of its own, which the client loads when somebody does.
 */
export { answer } from './diagnosis.js';
export { attribution } from './collectors/attribution.js';
export { mouse, scroll } from './collectors/position.js';
