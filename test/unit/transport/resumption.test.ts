import { expect, it } from 'vitest';
import { DEFAULT_MESSAGE } from '../../../src/core/config/serverConfig.ts';
import { SluiceError } from '../../../src/core/errors.ts';
import type { ConnectionPool } from '../../../src/core/http/connectionPool.ts';
import type { ExchangeHandler } from '../../../src/core/http/exchange.ts';
import { Tracer } from '../../../src/core/trace/tracer.ts';
import { messageBounds } from '../../../src/core/transport/messageBounds.ts';
import { RequestTrace } from '../../../src/core/transport/requestTrace.ts';
import { Resumption } from '../../../src/core/transport/resumption.ts';
import { FakeClock } from '../benchmark/fakeClock.ts';

it('the rest of a stream is asked for ever more seldom while the server is away, every five seconds at least', async () => {
  const clock = new FakeClock();
  const askedAt: number[] = [];
  const enough = Promise.withResolvers<void>();
  const pool = {
    dispatch: (_: unknown, handler: ExchangeHandler) => {
      askedAt.push(clock.now());
      if (askedAt.length === 9) enough.resolve();
      const gone = new SluiceError('connect-refused', 'gone', { delivery: 'not-sent' });
      queueMicrotask(() => handler.onError(gone));
      return { release() {}, abort() {} };
    },
  } as unknown as ConnectionPool;
  const tracer = new Tracer({ server: 'it', clock, level: () => 'off', sink: () => undefined, secrets: [] });
  const nothing = () => undefined;
  const resumption = new Resumption({
    pool,
    clock,
    url: new URL('http://h/mcp'),
    inSession: true,
    method: 'tools/call',
    bounds: messageBounds(DEFAULT_MESSAGE),
    rules: { headers: () => ({}), trace: () => new RequestTrace(tracer, clock, 1) },
    handlers: {
      onResumed: nothing,
      onMessage: nothing,
      onEvent: nothing,
      onOverflow: nothing,
      onFailed: nothing,
      onEnded: nothing,
      onDrained: nothing,
    },
  });
  resumption.point.onRetry(0);
  resumption.point.onId('1');
  resumption.begin();
  await clock.runUntil(enough.promise);
  const pauses = askedAt.slice(1).map((at, n) => at - (askedAt[n] ?? 0));
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
});
