import { expect, it } from 'vitest';
import { DEFAULT_MESSAGE } from '../../../src/core/config/serverConfig.ts';
import { SluiceError } from '../../../src/core/errors.ts';
import type { ConnectionPool } from '../../../src/core/http/connectionPool.ts';
import { Cookies } from '../../../src/core/http/cookies.ts';
import type { ExchangeHandler } from '../../../src/core/http/exchange.ts';
import { Tracer } from '../../../src/core/trace/tracer.ts';
import { messageBounds } from '../../../src/core/transport/messageBounds.ts';
import { RequestTrace } from '../../../src/core/transport/requestTrace.ts';
import { Resumption } from '../../../src/core/transport/resumption.ts';
import { FakeClock } from '../benchmark/fakeClock.ts';

/** A stream that broke off after an event with an id, and whose GETs all fail. */
function resuming(failure: SluiceError, enough: number) {
  const clock = new FakeClock();
  const askedAt: number[] = [];
  const { promise: isEnough, resolve } = Promise.withResolvers<void>();
  const pool = {
    cookies: new Cookies(false, () => 0),
    dispatch: (_: unknown, handler: ExchangeHandler) => {
      askedAt.push(clock.now());
      if (askedAt.length === enough) resolve();
      queueMicrotask(() => handler.onError(failure));
      return { release() {}, abort() {} };
    },
  } as unknown as ConnectionPool;
  const { promise: failed, resolve: onFailed } = Promise.withResolvers<SluiceError>();
  const tracer = new Tracer({ server: 'it', clock, level: () => 'off', sink: () => undefined, secrets: [] });
  const nothing = () => undefined;
  const resumption = new Resumption({
    pool,
    clock,
    url: new URL('http://h/mcp'),
    inSession: true,
    method: 'tools/call',
    bounds: messageBounds(DEFAULT_MESSAGE),
    rules: { headers: () => ({}), trace: () => new RequestTrace(tracer, clock) },
    handlers: {
      onResumed: nothing,
      onMessage: nothing,
      onEvent: nothing,
      onOverflow: nothing,
      onFailed,
      onEnded: nothing,
    },
  });
  resumption.point.onRetry(0);
  resumption.point.onId('1');
  resumption.begin();
  return { clock, askedAt, isEnough, failed };
}

it('the rest of a stream is asked for ever more seldom while the server is away, every five seconds at least', async () => {
  const gone = new SluiceError('connect-refused', 'gone', { delivery: 'not-sent' });
  const { clock, askedAt, isEnough } = resuming(gone, 9);
  await clock.runUntil(isEnough);
  const pauses = askedAt.slice(1).map((at, n) => at - (askedAt[n] ?? 0));
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
});

it('the rest of a stream that is closed before it was asked for leaves open whether the request ran', async () => {
  const closed = new SluiceError('closed', 'closed', { delivery: 'not-sent' });
  const { clock, failed } = resuming(closed, 1);
  expect(await clock.runUntil(failed)).toMatchObject({ code: 'closed', delivery: 'unknown' });
});
