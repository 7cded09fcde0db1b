import type { BenchmarkReport } from '../../core/benchmark/benchmarkReport.ts';
import type { Comparison } from '../../core/benchmark/compareRuns.ts';

/** The report of a run, with the server's name as it was shown then. */
export interface ShownReport extends BenchmarkReport {
  readonly shownServer: string;
}

export type ShownComparison = Comparison<ShownReport>;
