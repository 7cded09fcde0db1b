import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../src/core/http/connection.ts';
import type { Exchange } from '../../../src/core/http/exchange.ts';
import { QueuedRequest } from '../../../src/core/http/queuedRequest.ts';

const queued = (repeated = false) =>
  new QueuedRequest({ request: { repeated }, marks: { asked: 7 } } as unknown as Exchange);
const lost = (hasServed: boolean) => ({ hasServed }) as Connection;

describe('a request that the server did not take', () => {
  it('has three connections lost under it that served nobody, and no fourth', () => {
    const request = queued();
    for (let moves = 1; moves <= 3; moves++) expect(request.notTaken(lost(false), false)).toBeUndefined();
    expect(request.notTaken(lost(false), false)).toMatchObject({
      code: 'connection-lost',
      delivery: 'not-sent',
    });
  });

  it('has a thousand lost under it that had served somebody', () => {
    const request = queued();
    for (let moves = 1; moves <= 1_000; moves++) expect(request.notTaken(lost(true), false)).toBeUndefined();
    expect(request.notTaken(lost(true), false)).toMatchObject({ code: 'connection-lost' });
  });

  it('is refused three times over connections that go on, which are no moves', () => {
    const request = queued();
    for (let refusals = 1; refusals <= 3; refusals++)
      expect(request.notTaken(lost(false), true)).toBeUndefined();
    expect(request.moves).toBe(0);
    expect(request.notTaken(lost(false), true)?.message).toContain('refused the request 4 times');
  });

  it('tells since when an earlier attempt of it may have been taken', () => {
    expect(queued(true).repeatedAt).toBe(7);
    expect(queued().repeatedAt).toBeUndefined();
  });
});
