import { describe, expect, it } from 'vitest';
import { DEFAULT_MESSAGE } from '../../../src/core/config/serverConfig.ts';
import { SluiceError } from '../../../src/core/errors.ts';
import type { ConnectionPool } from '../../../src/core/http/connectionPool.ts';
import { Cookies } from '../../../src/core/http/cookies.ts';
import type { ExchangeHandler } from '../../../src/core/http/exchange.ts';
import { Tracer } from '../../../src/core/trace/tracer.ts';
import { messageBounds } from '../../../src/core/transport/messageBounds.ts';
import { RequestTrace } from '../../../src/core/transport/requestTrace.ts';
import { ServerStream } from '../../../src/core/transport/serverStream.ts';
import { FakeClock } from '../benchmark/fakeClock.ts';

const lost = new SluiceError('connection-lost', 'gone', { delivery: 'unknown' });

/** A stream whose GETs are answered by `answer`, over time that moves by itself. */
function listen(answer: (handler: ExchangeHandler, nth: number) => void) {
  const clock = new FakeClock();
  const askedAt: number[] = [];
  const warnings: string[] = [];
  const gaps: number[] = [];
  const gaveUp = Promise.withResolvers<void>();
  const pool = {
    cookies: new Cookies(false, () => 0),
    dispatch: (_: unknown, handler: ExchangeHandler) => {
      askedAt.push(clock.now());
      queueMicrotask(() => answer(handler, askedAt.length));
      return { marks: { asked: 0, connectMs: 0 }, release() {}, abort() {} };
    },
  } as unknown as ConnectionPool;
  const tracer = new Tracer({ server: 'it', clock, level: () => 'off', sink: () => undefined, secrets: [] });
  const stream = new ServerStream({
    pool,
    bounds: messageBounds(DEFAULT_MESSAGE),
    clock,
    url: () => new URL('http://localhost/mcp'),
    headers: () => ({}),
    inSession: false,
    trace: () => new RequestTrace(tracer, clock),
    listener: { onMessage() {}, onGap: () => gaps.push(clock.now()) },
    answer: () => false,
    notified: () => undefined,
    hold: () => () => undefined,
    warn: (message) => {
      warnings.push(message);
      gaveUp.resolve();
    },
  });
  return { stream, askedAt, warnings, gaps, clock, untilGivenUp: () => clock.runUntil(gaveUp.promise) };
}

describe('a stream that brings nothing', () => {
  it('is asked for six times, ever more seldom, and then not before the next request', async () => {
    const { stream, askedAt, warnings, untilGivenUp } = listen((handler) => handler.onError(lost));
    stream.open();
    await untilGivenUp();
    expect(askedAt).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000]);
    expect(warnings).toEqual([expect.stringContaining('6 times in a row')]);
    stream.open();
    expect(askedAt).toHaveLength(7);
  });

  it('counts anew after each event', async () => {
    const { stream, askedAt, untilGivenUp } = listen((handler, nth) => {
      handler.onHeaders(200, { 'content-type': 'text/event-stream' });
      if (nth <= 10) handler.onData(Buffer.from('retry: 0\ndata: \n\n'));
      handler.onEnd();
    });
    stream.open();
    await untilGivenUp();
    expect(askedAt).toHaveLength(10 + 5);
    // However little time the server names, a tenth of a second lies between two, and ever more where none of them lives.
    const pauses = askedAt.slice(1, 11).map((at, n) => at - (askedAt[n] ?? 0));
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000]);
  });

  it('is asked for as soon as the server wants where it lived a while', async () => {
    const { stream, askedAt, clock } = listen((handler, nth) => {
      handler.onHeaders(200, { 'content-type': 'text/event-stream' });
      handler.onData(Buffer.from('retry: 0\ndata: \n\n'));
      if (nth === 5) return last.resolve();
      clock.schedule(1_000, () => handler.onEnd());
    });
    const last = Promise.withResolvers<void>();
    stream.open();
    await clock.runUntil(last.promise);
    expect(askedAt).toEqual([0, 1_100, 2_200, 3_300, 4_400]);
  });

  it('is asked for again for as long as the session lasts where a proxy cuts it after each 30 s of silence', async () => {
    const last = Promise.withResolvers<void>();
    const { stream, askedAt, warnings, clock } = listen((handler, nth) => {
      handler.onHeaders(200, { 'content-type': 'text/event-stream' });
      if (nth === 20) return last.resolve();
      clock.schedule(30_000, () => handler.onError(lost));
    });
    stream.open();
    await clock.runUntil(last.promise);
    expect(askedAt).toHaveLength(20);
    expect(askedAt.at(-1)).toBe(19 * 31_000);
    expect(warnings).toEqual([]);
  });

  it('that does not even begin is told once: something keeps it back', async () => {
    const { stream, warnings, untilGivenUp } = listen(() => undefined);
    stream.open();
    await untilGivenUp();
    expect(warnings).toEqual([expect.stringMatching(/has not begun .* in 10 s.*X-Accel-Buffering/)]);
  });

  it('waits for a server that is busy, and not for one that has none', async () => {
    const statuses = [409, 503, 429, 405];
    const { stream, askedAt, warnings, clock } = listen((handler, nth) => {
      handler.onHeaders(statuses[nth - 1] ?? 0, {});
      handler.onEnd();
      if (nth === statuses.length) ended.resolve();
    });
    const ended = Promise.withResolvers<void>();
    stream.open();
    await clock.runUntil(ended.promise);
    stream.open();
    expect(askedAt).toHaveLength(statuses.length);
    expect(warnings).toEqual([]);
  });
});

describe('a stream that ended and is open again', () => {
  it.each([
    ['leaves what was said meanwhile untold', 'data: \n\n', [1_000]],
    ['is told what was said meanwhile, where it could be taken up', 'id: a\ndata: \n\n', []],
  ])('%s', async (_, body, expected) => {
    const again = Promise.withResolvers<void>();
    const { stream, gaps, clock } = listen((handler, nth) => {
      handler.onHeaders(200, { 'content-type': 'text/event-stream' });
      if (nth === 2) return again.resolve();
      handler.onData(Buffer.from(body));
      handler.onEnd();
    });
    stream.open();
    await clock.runUntil(again.promise);
    expect(gaps).toEqual(expected);
  });
});
