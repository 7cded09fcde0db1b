import { describe, expect, it } from 'vitest';
import type { BenchmarkPlan } from '../../../src/core/benchmark/benchmarkPlan.ts';
import { runBenchmark } from '../../../src/core/benchmark/runBenchmark.ts';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import type { Answer } from '../../lab/answer.ts';
import { startLab } from '../../lab/lab.ts';
import { prompt } from '../../lab/modes/whole.ts';
import { connectTo } from './connectTo.ts';

const HELLO = { tool: 'say_hello', arguments: {} };

const inTurns = (calls: number, concurrency = 1): BenchmarkPlan => ({
  load: { kind: 'closed', concurrency, gap: 0 },
  extent: { kind: 'calls', calls },
});

describe('a benchmark over a real socket', () => {
  it('of five calls tells each one’s connection, phases and drain, and what the server counted', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    const report = await runBenchmark(client.connection, { ...HELLO, plan: inTurns(5) });
    expect(lab.counts.calls.get('say_hello')).toBe(5);
    expect(report).toMatchObject({ calls: 5, end: { kind: 'complete' }, httpVersions: ['1.1'] });
    expect(report.outcomes).toEqual([{ code: 'ok', count: 5 }]);
    expect(report.first.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    for (const { answer } of report.first) expect(answer?.drain?.outcome).toMatch(/^(drained|reused)$/);
    expect(report.pool.requests).toBe(5);
    expect(report.drains.reduce((sum, { count }) => sum + count, 0)).toBe(5);
  });

  it('shows the stall of a server that splits its answers, where one connection is used always', async () => {
    await using lab = await startLab({ mode: 'split-stall' });
    const pool = { ...DEFAULT_POOL, maxConnections: 1, reuse: 'always' } as const;
    await using client = connectTo(lab.url, { pool });
    const report = await runBenchmark(client.connection, { ...HELLO, plan: inTurns(30) });
    expect(report.latency.p50).toBeGreaterThan(20);
    // It is the answer that is late, after its headers: not the way to the connection.
    const slowest = report.phases.reduce((one, other) => (other.mean > one.mean ? other : one));
    expect(['firstEvent', 'response']).toContain(slowest.name);
    expect(lab.counts.accepted).toBe(1);
  });

  it('with several at once has as many under way, and loses none', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    const report = await runBenchmark(client.connection, { ...HELLO, plan: inTurns(200, 8) });
    expect(report).toMatchObject({ calls: 200, mostAtOnce: 8 });
    expect(lab.counts.calls.get('say_hello')).toBe(200);
    expect(report.origins.fresh + report.origins.warm + report.origins.reused).toBe(200);
  });

  it('at a rate: one stall of 200 ms is met by every call that was due in it', async () => {
    let calls = 0;
    let stalled: Promise<void> | undefined;
    const stallOnce: Answer = async (exchange) => {
      calls += 1;
      if (calls === 20) stalled = exchange.hold(200);
      await stalled;
      await prompt(exchange);
    };
    await using lab = await startLab({ mode: stallOnce });
    await using client = connectTo(lab.url);
    const plan: BenchmarkPlan = {
      load: { kind: 'open', ratePerSecond: 100 },
      extent: { kind: 'duration', seconds: 1 },
    };
    const report = await runBenchmark(client.connection, { ...HELLO, plan });
    expect(report.calls).toBe(100);
    expect(report.latency.max).toBeGreaterThan(190);
    // A closed loop would have met it once in a hundred, and p90 would not show it.
    expect(report.latency.p90).toBeGreaterThan(50);
    expect(report.latency.p50).toBeLessThan(50);
  });

  it('counts what the tool itself failed with apart from what did not arrive', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    const tool = { tool: 'fail', arguments: {} };
    const report = await runBenchmark(client.connection, { ...tool, plan: inTurns(6) });
    expect(report.outcomes).toEqual([{ code: 'tool-error', count: 6 }]);
    lab.use('500');
    const failed = await runBenchmark(client.connection, { ...tool, plan: inTurns(6) });
    expect(failed.outcomes).toEqual([{ code: 'http-status', count: 6 }]);
    expect(failed.failures.count).toBe(6);
  });

  it('stops where the server is gone, and keeps what it had', async () => {
    const lab = await startLab({});
    await using client = connectTo(lab.url);
    let told = 0;
    const running = runBenchmark(client.connection, {
      ...HELLO,
      plan: inTurns(1_000_000),
      onProgress: () => {
        told += 1;
        if (told === 2) void lab.close();
      },
    });
    const report = await running;
    expect(report.end.kind).toBe('server-gone');
    expect(report.latency.count).toBeGreaterThan(0);
    expect(report.calls).toBeLessThan(1_000_000);
  });

  it('that is cancelled ends at once, and the server is left alone', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    const controller = new AbortController();
    const running = runBenchmark(client.connection, {
      tool: 'gated',
      arguments: {},
      plan: inTurns(1000, 3),
      signal: controller.signal,
    });
    await lab.waitFor(({ counts }) => counts.calls.get('gated') === 3);
    controller.abort();
    const report = await running;
    expect(report.end).toEqual({ kind: 'cancelled' });
    expect(report.outcomes).toEqual([{ code: 'cancelled', count: 3 }]);
    await lab.waitFor(({ counts }) => counts.cancelled === 3);
  });
});
