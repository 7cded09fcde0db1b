import type { Dispatcher } from 'undici';
import { describe, expect, it } from 'vitest';
import type { SluiceError } from '../../../src/core/errors.ts';
import { UNPROCESSED } from '../../../src/core/http/connection.ts';
import type { Lane } from '../../../src/core/http/connectionPool.ts';
import type { ExchangeHandler, HttpRequest } from '../../../src/core/http/exchange.ts';
import { type FakeConnection, type OnRequest, poolOf } from './fakePool.ts';

const REQUEST: HttpRequest = { method: 'POST', path: '/mcp', headers: {} };
/** Requests through a pool with one place: what becomes of each. */
function asked(onRequest?: OnRequest, httpVersion?: '1.1' | '2') {
  const { pool, opened } = poolOf(onRequest, httpVersion);
  const fate = (lane?: Lane): Promise<SluiceError | 'answered'> =>
    new Promise((resolve) => {
      const handler: ExchangeHandler = {
        onHeaders() {},
        onData() {},
        onEnd: () => resolve('answered'),
        onError: resolve,
      };
      pool.dispatch(REQUEST, handler, lane);
    });
  return { pool, fate, opened };
}

/** The first that settles of requests which all wait. */
function firstOf(count: number, ask: () => Promise<SluiceError | 'answered'>) {
  return Promise.race(Array.from({ length: count }, ask));
}

describe('a flood of requests', () => {
  it('waits for a connection up to 10,000 of them, and the next one is told at once', async () => {
    const { pool, fate } = asked();
    const first = firstOf(10_000, fate);
    expect(pool.counts().queued).toBe(10_000);
    expect(await Promise.race([first, fate()])).toMatchObject({ code: 'queue-full', delivery: 'not-sent' });
    expect(pool.counts().queued).toBe(10_000);
  });

  it('of long-lived streams has 16 connections, and the next one is told at once', async () => {
    const { fate, opened } = asked(() => undefined);
    const first = firstOf(16, () => fate('stream'));
    const next = await Promise.race([first, fate('stream')]);
    expect(next).toMatchObject({ code: 'queue-full', delivery: 'not-sent' });
    expect((next as SluiceError).message).toContain('16 long-lived streams');
    expect(opened()).toBe(16);
  });

  it('of what goes aside has 272 connections beside the calls, and the next one is told at once', async () => {
    const { fate, opened } = asked(() => undefined);
    void fate();
    await Promise.resolve();
    const first = firstOf(272, () => fate('aside'));
    expect(await Promise.race([first, fate('aside')])).toMatchObject({ code: 'queue-full' });
    expect(opened()).toBe(1 + 272);
  });
});

describe('a request whose connections are lost before it is written', () => {
  const lose = (connection: FakeConnection, handler: Dispatcher.DispatchHandler) => {
    connection.close();
    handler.onResponseError?.(undefined as never, new Error('closed'));
  };

  it('gets three others, and then it is known not to have been sent', async () => {
    const { fate, opened } = asked(lose);
    expect(await fate()).toMatchObject({ code: 'connection-lost', delivery: 'not-sent', phase: 'sent' });
    expect(opened()).toBe(4);
  });

  it('gets 1,000 others where each had served somebody', async () => {
    const { fate, opened } = asked((connection, handler) => {
      connection.hasServed = true;
      lose(connection, handler);
    });
    expect(await fate()).toMatchObject({ code: 'connection-lost', delivery: 'not-sent' });
    expect(opened()).toBe(1_001);
  });

  it('is refused three times over a connection that goes on, and then it is told', async () => {
    let refusals = 0;
    const { fate } = asked((_, handler) => {
      refusals++;
      handler.onRequestStart?.({ abort() {} } as never, undefined);
      handler.onResponseError?.(
        undefined as never,
        Object.assign(new Error('refused'), { code: UNPROCESSED }),
      );
    }, '2');
    expect(await fate()).toMatchObject({ code: 'connection-lost', delivery: 'not-sent' });
    expect(refusals).toBe(4);
  });
});
