import type { CallRow } from '../../../src/core/benchmark/benchmarkReport.ts';
import { Distribution } from '../../../src/core/benchmark/distribution.ts';
import { histogramBars } from '../../../src/core/benchmark/histogramBars.ts';
import type { ShownReport } from '../../../src/ui/benchmark/shownReport.ts';

export function distribution(values: readonly number[]) {
  const recorded = new Distribution();
  for (const ms of values) recorded.record(ms);
  return recorded.snapshot();
}

export function row(number: number, ms: number): CallRow {
  return {
    number,
    outcome: 'ok',
    ms,
    late: 0,
    answer: {
      timing: {
        queued: 0.1,
        connect: 0,
        sent: 0.2,
        headers: ms - 0.5,
        firstEvent: 0.1,
        response: 0.1,
        total: ms,
      },
      wire: {
        connection: 1,
        origin: number === 1 ? 'fresh' : 'reused',
        use: number,
        httpVersion: '1.1',
        status: 200,
        body: 'sse',
      },
      drain: { outcome: 'drained', ms: 1, bytes: 5 },
    },
  };
}

/** A run of calls that took as long as `values` say, in milliseconds. */
export function report(values: readonly number[], more: Partial<ShownReport> = {}): ShownReport {
  const latency = distribution(values);
  return {
    server: 'demo',
    shownServer: 'demo',
    url: 'http://127.0.0.1:1/mcp',
    tool: 'say_hello',
    arguments: { name: 'Ada' },
    plan: {
      load: { kind: 'closed', concurrency: 1, gap: 0 },
      extent: { kind: 'calls', calls: values.length },
    },
    end: { kind: 'complete' },
    startedAt: 0,
    elapsed: 1000,
    protocolVersion: '2026-07-28',
    httpVersions: ['1.1'],
    calls: values.length,
    outcomes: [{ code: 'ok', count: values.length }],
    throughput: values.length,
    latency,
    bars: histogramBars([latency]),
    service: latency,
    failures: distribution([]),
    phases: [
      { name: 'queued', median: 0.1, mean: 0.1 },
      { name: 'headers', median: 1, mean: 3 },
    ],
    mostAtOnce: 1,
    origins: { fresh: 1, warm: 0, reused: values.length - 1 },
    pool: { opened: 1, reused: values.length - 1, requests: values.length },
    drains: [{ outcome: 'drained', count: values.length }],
    findings: [],
    first: values.map((ms, index) => row(index + 1, ms)),
    ...more,
  };
}
