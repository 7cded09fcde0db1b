import { isDeepStrictEqual } from 'node:util';
import type { BenchmarkReport } from './benchmarkReport.ts';
import { type Bar, histogramBars } from './histogramBars.ts';

/** What may be said about the latency of the second run against the first. */
export type Verdict =
  /** One of them has too few answers to say anything. */
  | 'too-few'
  /** The middle halves of their calls overlap: the difference of the medians may be chance. */
  | 'within-noise'
  | 'faster'
  | 'slower';

/** One figure of both runs: milliseconds, or answered calls a second for `throughput`. */
export interface ComparedFigure {
  readonly name: (typeof COMPARED)[number];
  readonly before: number;
  readonly after: number;
  /** Second over first; undefined where the first is 0. */
  readonly ratio: number | undefined;
}

export interface Comparison<Report extends BenchmarkReport = BenchmarkReport> {
  readonly before: Report;
  readonly after: Report;
  readonly verdict: Verdict;
  readonly figures: readonly ComparedFigure[];
  /** Both latencies on one scale; each bar has the count of the first run and of the second. */
  readonly bars: readonly Bar[];
  /** What else differs between the two, so that latency is not all that was changed. */
  readonly differs: readonly ('server' | 'tool' | 'arguments' | 'load')[];
}

const COMPARED = ['p50', 'p90', 'p95', 'p99', 'p999', 'max', 'mean', 'throughput'] as const;
const FEWEST_ANSWERS = 20;

export function compareRuns<Report extends BenchmarkReport>(
  before: Report,
  after: Report,
): Comparison<Report> {
  const differs = [
    ['server', before.server === after.server && before.url === after.url],
    ['tool', before.tool === after.tool],
    ['arguments', isDeepStrictEqual(before.arguments, after.arguments)],
    ['load', isDeepStrictEqual(before.plan.load, after.plan.load)],
  ] as const;
  return {
    before,
    after,
    verdict: verdictOf(before.latency, after.latency),
    figures: COMPARED.map((name) => {
      const [first, second] = [figureOf(before, name), figureOf(after, name)];
      return { name, before: first, after: second, ratio: first === 0 ? undefined : second / first };
    }),
    bars: histogramBars([before.latency, after.latency]),
    differs: differs.flatMap(([what, isSame]) => (isSame ? [] : [what])),
  };
}

function figureOf(report: BenchmarkReport, name: ComparedFigure['name']): number {
  return name === 'throughput' ? report.throughput : report.latency[name];
}

function verdictOf(before: BenchmarkReport['latency'], after: BenchmarkReport['latency']): Verdict {
  if (Math.min(before.count, after.count) < FEWEST_ANSWERS) return 'too-few';
  if (after.p75 < before.p25) return 'faster';
  return after.p25 > before.p75 ? 'slower' : 'within-noise';
}
