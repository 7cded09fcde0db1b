import { parentPort } from 'node:worker_threads';
import { judge } from './schemaJudge.ts';

/** The thread that checks against schemas: one question at a time, each answered once. `schemaThread` is the other side. */
parentPort?.on('message', ({ schema, value }: { readonly schema: object; readonly value: unknown }) => {
  parentPort?.postMessage(judge(schema, value));
});
parentPort?.postMessage('ready');
