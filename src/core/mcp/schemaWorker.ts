import { parentPort } from 'node:worker_threads';
import { judge } from './schemaJudge.ts';

/** The thread that checks against schemas: one question at a time, each answered once. `schemaThread` is the other side. */
parentPort?.on('message', ({ schema, json }: { readonly schema: object; readonly json: string }) => {
  parentPort?.postMessage(judge(schema, JSON.parse(json)));
});
parentPort?.postMessage('ready');
