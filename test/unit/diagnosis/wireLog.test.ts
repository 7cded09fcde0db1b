import { expect, it } from 'vitest';
import { WireLog } from '../../../src/core/diagnosis/wireLog.ts';

it('a diagnosis keeps 1,000 offsets of one request’s progress', () => {
  const log = new WireLog();
  log.add({ kind: 'http-request', request: 1, method: 'POST' } as never);
  for (let at = 0; at < 1_500; at++)
    log.add({ kind: 'sse-event', request: 1, at, data: '{"method":"notifications/progress"}' } as never);
  expect(log.exchanges[0]?.progress).toHaveLength(1_000);
});
