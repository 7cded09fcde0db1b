import { describe, expect, it } from 'vitest';
import type { BenchmarkPlan } from '../../../src/core/benchmark/benchmarkPlan.ts';
import { planProblems } from '../../../src/core/benchmark/benchmarkPlan.ts';
import { bucketStart } from '../../../src/core/benchmark/distribution.ts';
import {
  type Benchmarked,
  type BenchmarkOptions,
  runBenchmark,
} from '../../../src/core/benchmark/runBenchmark.ts';
import { SluiceError, type SluiceErrorCode } from '../../../src/core/errors.ts';
import type { CallOptions, CallOutcome } from '../../../src/core/servers/callOutcome.ts';
import { FakeClock } from './fakeClock.ts';

const POOL = { busy: 0, draining: 0, idle: 0, warm: 0, queued: 0, opened: 0, requests: 0, reused: 0 };

type Behaviour = { readonly ms: number; readonly isError?: boolean; readonly code?: SluiceErrorCode };

/** A server of which each call takes as long as it is told, by its number from 1; and when calls came. */
function server(clock: FakeClock, behave: (call: number) => Behaviour) {
  const arrivals: number[] = [];
  const callTool = (_: string, __: unknown, { signal }: CallOptions = {}): Promise<CallOutcome> =>
    new Promise((resolve, reject) => {
      const at = clock.now();
      arrivals.push(at);
      const { ms, isError = false, code } = behave(arrivals.length);
      signal?.addEventListener('abort', () =>
        reject(new SluiceError('cancelled', 'cancelled', { delivery: 'unknown' })),
      );
      clock.schedule(ms, () => {
        if (code !== undefined)
          return reject(new SluiceError(code, `it says ${code}`, { delivery: 'unknown' }));
        resolve({
          id: arrivals.length,
          server: 'fake',
          tool: 't',
          title: 'tools/call t',
          initiator: { kind: 'benchmark' },
          startedAt: 0,
          requests: [arrivals.length],
          outcome: isError ? 'tool-error' : 'ok',
          asked: false,
          result: { content: [], isError },
          ms: clock.now() - at,
          timing: { queued: 0, connect: 0, sent: 0, headers: ms, firstEvent: 0, response: 0, total: ms },
          wire: { connection: 1, origin: 'reused', use: 1, httpVersion: '1.1', status: 200, body: 'sse' },
          drained: Promise.resolve({ outcome: 'drained', ms: 0, bytes: 0 }),
          violations: [],
        });
      });
    });
  const connection = {
    name: 'fake',
    listTools: async () => [],
    connect: async () => ({ protocolVersion: '2026-07-28' }),
    callTool,
    snapshot: () => ({ pool: POOL, findings: [], url: 'http://fake/mcp' }),
  } as unknown as Benchmarked;
  return { arrivals, connection };
}

async function run(
  plan: BenchmarkPlan,
  behave: (call: number) => Behaviour,
  more: Partial<BenchmarkOptions> = {},
) {
  const clock = new FakeClock();
  const { arrivals, connection } = server(clock, behave);
  const running = runBenchmark(connection, { tool: 't', arguments: {}, plan, clock, ...more });
  return { arrivals, report: await clock.runUntil(running) };
}

const closed = (calls: number, concurrency = 1, gap = 0): BenchmarkPlan => ({
  load: { kind: 'closed', concurrency, gap },
  extent: { kind: 'calls', calls },
});
const open = (ratePerSecond: number, calls: number): BenchmarkPlan => ({
  load: { kind: 'open', ratePerSecond },
  extent: { kind: 'calls', calls },
});

describe('calls in turns', () => {
  it('come one after another, the gap after each answer', async () => {
    const { arrivals, report } = await run(closed(4, 1, 30), () => ({ ms: 5 }));
    expect(arrivals).toEqual([0, 35, 70, 105]);
    expect(report).toMatchObject({ calls: 4, elapsed: 110, mostAtOnce: 1, end: { kind: 'complete' } });
    expect(report.latency).toMatchObject({ count: 4, p50: 5, max: 5 });
  });

  it('are as many at once as asked for, and never more', async () => {
    const { arrivals, report } = await run(closed(10, 4), () => ({ ms: 8 }));
    expect(arrivals).toEqual([0, 0, 0, 0, 8, 8, 8, 8, 16, 16]);
    expect(report).toMatchObject({ calls: 10, mostAtOnce: 4, elapsed: 24 });
    expect(report.throughput).toBeCloseTo(10_000 / 24);
  });

  it('end with the time where the plan gives a time', async () => {
    const plan: BenchmarkPlan = { ...closed(1), extent: { kind: 'duration', seconds: 1 } };
    expect((await run(plan, () => ({ ms: 100 }))).report.calls).toBe(10);
  });
});

describe('calls at a rate', () => {
  it('come when they are due, whether or not earlier ones are back', async () => {
    const { arrivals, report } = await run(open(100, 5), () => ({ ms: 35 }));
    expect(arrivals).toEqual([0, 10, 20, 30, 40]);
    expect(report.mostAtOnce).toBe(4);
  });

  it('that could not be made in time count from the time they were due', async () => {
    // 1,000 a second against a server that answers nothing in the first 300 ms: 256 are under way, the others wait.
    const { arrivals, report } = await run(open(1000, 400), (call) => ({ ms: call <= 256 ? 300 : 1 }));
    expect(report.mostAtOnce).toBe(256);
    expect(arrivals[255]).toBe(255);
    expect(arrivals[256]).toBe(300);
    expect(report.latency.count).toBe(400);
    // The 257th was due at 256 and made at 300: what it waited is the server's doing.
    const between = (buckets: typeof report.latency.buckets) =>
      buckets
        .filter(({ index }) => bucketStart(index) > 10 && bucketStart(index) < 50)
        .reduce((sum, { count }) => sum + count, 0);
    expect(between(report.latency.buckets)).toBeGreaterThan(20);
    expect(between(report.service.buckets)).toBe(0);
  });
});

describe('what fails', () => {
  it('is counted by its code and kept out of the percentiles of answers', async () => {
    const { report } = await run(closed(6), (call) =>
      call === 2 ? { ms: 500, code: 'request-timeout' } : call === 4 ? { ms: 3, isError: true } : { ms: 3 },
    );
    expect(report.outcomes).toEqual([
      { code: 'ok', count: 4 },
      { code: 'request-timeout', count: 1 },
      { code: 'tool-error', count: 1 },
    ]);
    expect(report.latency).toMatchObject({ count: 5, max: 3 });
    expect(report.failures.count).toBe(1);
    expect(report.first[1]).toMatchObject({ number: 2, outcome: 'request-timeout', ms: 500 });
  });

  it('ten times in a row for want of a connection ends the run, with what there is', async () => {
    const { arrivals, report } = await run(closed(1000), (call) =>
      call <= 3 ? { ms: 2 } : { ms: 1, code: 'connect-refused' },
    );
    expect(arrivals).toHaveLength(13);
    expect(report.end).toMatchObject({ kind: 'server-gone', code: 'connect-refused' });
    expect(report.latency.count).toBe(3);
  });

  it('is no reason to stop where an answer comes in between', async () => {
    const { report } = await run(closed(40), (call) =>
      call % 10 === 0 ? { ms: 1 } : { ms: 1, code: 'connection-lost' },
    );
    expect(report).toMatchObject({ calls: 40, end: { kind: 'complete' } });
  });
});

describe('a run that is cancelled', () => {
  it('tells what there is, and counts the calls that it cut off', async () => {
    const controller = new AbortController();
    const { report } = await run(
      closed(1000, 2),
      (call) => {
        if (call === 7) queueMicrotask(() => controller.abort());
        return { ms: 4 };
      },
      { signal: controller.signal },
    );
    expect(report.end).toEqual({ kind: 'cancelled' });
    expect(report.latency.count).toBeGreaterThanOrEqual(5);
    expect(report.calls).toBe(report.latency.count + 2);
    expect(report.outcomes).toContainEqual({ code: 'cancelled', count: 2 });
    expect(report.failures.count).toBe(0);
  });
});

describe('progress', () => {
  it('is told now and then, and at the end in full', async () => {
    const told: number[] = [];
    await run(closed(100), () => ({ ms: 10 }), { onProgress: ({ calls }) => told.push(calls) });
    expect(told.length).toBeLessThan(10);
    expect(told.at(-1)).toBe(100);
  });
});

it('refuses a plan beyond the bounds before anything is called', async () => {
  const clock = new FakeClock();
  const { arrivals, connection } = server(clock, () => ({ ms: 1 }));
  const options = { tool: 't', arguments: {}, clock };
  await expect(runBenchmark(connection, { ...options, plan: closed(1, 257) })).rejects.toThrow(RangeError);
  await expect(runBenchmark(connection, { ...options, plan: closed(1_000_001) })).rejects.toThrow(/1000000/);
  expect(arrivals).toEqual([]);
});

it.each([
  [
    'calls',
    { load: { kind: 'closed', concurrency: 1, gap: 0 }, extent: { kind: 'calls', calls: 1_000_000 } },
  ],
  [
    'calls at once',
    { load: { kind: 'closed', concurrency: 256, gap: 0 }, extent: { kind: 'calls', calls: 1 } },
  ],
  ['gap', { load: { kind: 'closed', concurrency: 1, gap: 60_000 }, extent: { kind: 'calls', calls: 1 } }],
  [
    'seconds',
    { load: { kind: 'closed', concurrency: 1, gap: 0 }, extent: { kind: 'duration', seconds: 3_600 } },
  ],
  ['calls a second', { load: { kind: 'open', ratePerSecond: 10_000 }, extent: { kind: 'calls', calls: 1 } }],
] as const)('takes a plan at its bound, and none beyond: %s', (_, plan) => {
  expect(planProblems(plan)).toEqual([]);
  const beyond = JSON.parse(
    JSON.stringify(plan, (__, value) => (typeof value === 'number' && value > 1 ? value + 1 : value)),
  );
  expect(planProblems(beyond)).toHaveLength(1);
});
