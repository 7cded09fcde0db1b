import { expect, it } from 'vitest';
import { WireLog } from '../../../src/core/diagnosis/wireLog.ts';

it('a diagnosis keeps 1,000 offsets of one request’s progress', () => {
  const log = new WireLog();
  log.add({ kind: 'http-request', request: 1, method: 'POST' } as never);
  for (let at = 0; at < 1_500; at++)
    log.add({ kind: 'sse-event', request: 1, at, data: '{"method":"notifications/progress"}' } as never);
  expect(log.exchanges[0]?.progress).toHaveLength(1_000);
});

it('a diagnosis remembers the last 100 connections that were closed', () => {
  const log = new WireLog();
  for (let connection = 1; connection <= 150; connection++)
    log.add({ kind: 'connection', change: 'closed', connection, detail: '' } as never);
  expect([log.isClosed(50), log.isClosed(51), log.isClosed(150)]).toEqual([false, true, true]);
});

it('a request is known by the method that it carried, and by no other', () => {
  const log = new WireLog();
  const sent = (request: number, json: string) =>
    log.add({ kind: 'message', direction: 'sent', request, json, at: 0 } as never);
  sent(1, '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\\"method\\":\\"ping\\""}}');
  log.add({ kind: 'http-request', request: 1, method: 'POST' } as never);
  log.add({ kind: 'http-request', request: 2, method: 'GET' } as never);
  expect(log.exchanges.map(({ rpc }) => rpc)).toEqual(['tools/call', undefined]);
});
