import type { Dispatcher } from 'undici';
import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_DRAIN } from '../../../src/core/config/serverConfig.ts';
import type { SluiceError } from '../../../src/core/errors.ts';
import { UNPROCESSED } from '../../../src/core/http/connection.ts';
import type { Lane } from '../../../src/core/http/connectionPool.ts';
import type { ExchangeHandler, HttpRequest } from '../../../src/core/http/exchange.ts';
import { type OnRequest, poolOf, respond } from './fakePool.ts';

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

describe('requests that come in a moment', () => {
  const openedFor = (warmConnections?: number) => {
    const limits = warmConnections === undefined ? {} : { warmConnections };
    const { pool, opened } = poolOf(() => undefined, '1.1', DEFAULT_DRAIN, limits);
    pool.expect({ calls: 3, stream: true }, { roundTrip: 100 });
    return opened();
  };

  it('find a connection each, and so does the stream', () => {
    expect(openedFor()).toBe(4);
  });

  it('find none where the settings want none opened ahead', () => {
    expect(openedFor(0)).toBe(0);
  });
});

describe('a flood of requests', () => {
  it('waits for a connection up to 10,000 of them, and the next one is told at once', async () => {
    const { pool, fate } = asked();
    const first = firstOf(10_000, fate);
    expect(pool.counts().queued).toBe(10_000);
    expect(await Promise.race([first, fate()])).toMatchObject({ code: 'queue-full', delivery: 'not-sent' });
    expect(pool.counts().queued).toBe(10_000);
  });

  it('that wait fails when the pool is closed, in more than one turn, and at the same cost for each, however many they are', async () => {
    /** Milliseconds of this process that closing takes for each request, and how many fail before it returns. */
    const told = new Set<string>();
    const closing = async (count: number) => {
      const { pool } = poolOf();
      let failed = 0;
      const all = Promise.withResolvers<void>();
      const onError = ({ code, delivery }: SluiceError) => {
        told.add(`${code}, ${delivery}`);
        if (++failed === count) all.resolve();
      };
      const handler: ExchangeHandler = { onHeaders() {}, onData() {}, onEnd() {}, onError };
      for (let n = 0; n < count; n++) pool.dispatch(REQUEST, handler);
      const before = process.cpuUsage();
      pool.close();
      const atOnce = failed;
      await all.promise;
      const { user, system } = process.cpuUsage(before);
      return { atOnce, each: (user + system) / count };
    };
    await closing(1_000);
    const few: number[] = [];
    const many: number[] = [];
    for (let n = 0; n < 5; n++) {
      few.push((await closing(1_000)).each);
      const { atOnce, each } = await closing(10_000);
      expect(atOnce).toBe(100);
      expect([...told]).toEqual(['closed, not-sent']);
      many.push(each);
    }
    // Of work that grows with the square of the requests each one of ten times as many would cost ten times as much.
    expect(Math.min(...many)).toBeLessThan(3 * Math.min(...few));
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
  /** Without an end it would be a loop: the test sees an answer rather than hang. */
  const FOR_EVER = 2_000;
  let lost = 0;
  const loses: OnRequest = (connection, handler) => {
    if (++lost > FOR_EVER) return respond(handler, 200, {});
    connection.close();
    handler.onResponseError?.(undefined as never, new Error('closed'));
  };
  beforeEach(() => {
    lost = 0;
  });

  it('gets three others, and then it is known not to have been sent', async () => {
    const { fate, opened } = asked(loses);
    expect(await fate()).toMatchObject({ code: 'connection-lost', delivery: 'not-sent', phase: 'sent' });
    expect(opened()).toBe(4);
  });

  it('gets 1,000 others where each had served somebody', async () => {
    const { fate, opened } = asked((connection, handler, options) => {
      connection.hasServed = true;
      loses(connection, handler, options);
    });
    expect(await fate()).toMatchObject({ code: 'connection-lost', delivery: 'not-sent' });
    expect(opened()).toBe(1_001);
  });

  it('is refused three times over a connection that goes on, and then it is told', async () => {
    let refusals = 0;
    const { fate } = asked((_, handler) => {
      if (++refusals > FOR_EVER) return respond(handler, 200, {});
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

it('an HTTP/2 connection on which 500 streams were reset makes room for another: servers end it otherwise', async () => {
  const { pool, opened } = poolOf(
    (_, handler) => {
      const controller = { abort() {} } as unknown as Dispatcher.DispatchController;
      handler.onRequestStart?.(controller, undefined);
      handler.onResponseStart?.(controller, 200, {}, '');
    },
    '2',
    { timeout: 0, maxBytes: 0 },
  );
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      const exchange = pool.dispatch(REQUEST, {
        // The answer is there, and its stream does not end: it is reset.
        onHeaders: () => exchange.release(),
        onData() {},
        onEnd() {},
        onError: reject,
        onDrained: ({ outcome }) => resolve(outcome),
      });
    });
  for (let n = 0; n < 500; n++) expect(await ask()).toBe('reset');
  expect(opened()).toBe(1);
  await ask();
  expect(opened()).toBe(2);
});
