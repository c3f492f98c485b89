/**
 * A page that calls fetch, does not catch the failure, and so expects to be told.
 */
import { fetchCalls } from '../../src/collectors/fetch.js';
import { createPage } from './page.js';

const page = createPage();
page.window.fetch = () => Promise.reject(new TypeError('Failed to fetch'));
const events = [];
fetchCalls.install({ env: page.env, record: (event) => events.push(event), note: () => {}, traceOrigins: () => [], draw: () => 1, isOwn: () => false, onHide: () => () => {} });
process.on('unhandledRejection', (reason) => console.log(`unhandled: ${reason.message}`));
page.window.fetch('/x');
setImmediate(() => console.log(`events: ${events.length}`));
