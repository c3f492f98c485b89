import { createCapture } from '../../src/capture.js';
import * as actual from '../../src/client.js';

/** A client that is set up at once; `record` is what the page reports itself. */
export const createClient = ({ env, collectors = [], attributes, options, consent }) => {
  const capture = createCapture(env, collectors, () => client);
  const client = actual.createClient(env, capture, attributes, options, consent);
  client.configure({});
  return { ...client, record: (event, sampleAs) => (sampleAs ? client.record(event, sampleAs) : client.call(event)) };
};
