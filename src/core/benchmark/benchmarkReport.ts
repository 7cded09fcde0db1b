import type { Finding } from '../metrics/finding.ts';
import type { DrainOutcome, DrainReport, RequestTiming, WireInfo } from '../metrics/requestTiming.ts';
import type { BenchmarkPlan } from './benchmarkPlan.ts';
import type { DistributionSnapshot } from './distribution.ts';
import type { Bar } from './histogramBars.ts';

/** How a run came to its end. What it measured until then is kept in every case. */
export type RunEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'cancelled' }
  /** Too many connection failures in a row; `code` and `message` are those of the last one. */
  | { readonly kind: 'server-gone'; readonly code: string; readonly message: string };

/** The phases of a request by their names in RequestTiming. */
export type PhaseName = Exclude<keyof RequestTiming, 'total'>;

/** One of the first calls, by itself. */
export interface CallRow {
  /** Counted from 1. */
  readonly number: number;
  /** `ok`, `tool-error`, or the code of the failure. */
  readonly outcome: string;
  /** Milliseconds from the time at which the call was due. */
  readonly ms: number;
  /** Milliseconds that passed of these before it was sent on its way; 0 in a closed run. */
  readonly late: number;
  /** Absent where the call failed. */
  readonly answer?: { readonly timing: RequestTiming; readonly wire: WireInfo; readonly drain?: DrainReport };
}

/** Everything that is known of a run; small, whatever the number of its calls. */
export interface BenchmarkReport {
  readonly server: string;
  readonly url: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly plan: BenchmarkPlan;
  readonly end: RunEnd;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds from the start until the last call settled. */
  readonly elapsed: number;
  /** The protocol's revision. */
  readonly protocolVersion: string;
  /** Those that were spoken, for example `['1.1']`. */
  readonly httpVersions: readonly string[];
  /** Calls that were made; each is in `outcomes` once. */
  readonly calls: number;
  /** Counts by `ok`, `tool-error` and codes of failures, the most frequent first. */
  readonly outcomes: readonly { readonly code: string; readonly count: number }[];
  /** Answered calls a second. */
  readonly throughput: number;
  /** Of answered calls, from the time each was due. */
  readonly latency: DistributionSnapshot;
  /** Of answered calls, from the time each was sent on its way. The same as `latency` in a closed run. */
  readonly service: DistributionSnapshot;
  /** A picture of `latency`. */
  readonly bars: readonly Bar[];
  /** Of calls that failed; what was cancelled with the run is not in it. */
  readonly failures: DistributionSnapshot;
  /** Where the time of answered calls went: milliseconds. */
  readonly phases: readonly { readonly name: PhaseName; readonly median: number; readonly mean: number }[];
  /** Most calls that were under way at once. */
  readonly mostAtOnce: number;
  /** Connections that this run's calls were carried by. */
  readonly origins: Readonly<Record<WireInfo['origin'], number>>;
  /** What the server's pool did meanwhile, other calls to it included. */
  readonly pool: { readonly opened: number; readonly reused: number; readonly requests: number };
  readonly drains: readonly { readonly outcome: DrainOutcome | 'unfinished'; readonly count: number }[];
  readonly findings: readonly Finding[];
  /** The first calls, in the order in which they were made. */
  readonly first: readonly CallRow[];
}
