import type { Finding } from '../http/learning/originFacts.ts';
import type { PoolCounts } from '../http/poolCounts.ts';
import type { LatencySnapshot } from '../metrics/latency.ts';
import type { DrainReport, RequestTiming, WireInfo } from '../metrics/requestTiming.ts';
import type { ConnectionState } from './connectionState.ts';

/** Everything the status bar shows of a server, read at one moment. */
export interface ServerSnapshot {
  readonly name: string;
  /** As it may be shown. */
  readonly url: string;
  readonly state: ConnectionState;
  /** Calls, reads and prompts that have not settled. */
  readonly inFlight: number;
  readonly latency: LatencySnapshot;
  readonly lastCall: LastCall | undefined;
  readonly pool: PoolCounts;
  /** What was learnt of how the server treats its connections, since it was connected. */
  readonly findings: readonly Finding[];
}

export interface LastCall {
  readonly tool: string;
  readonly outcome: 'ok' | 'tool-error' | 'error' | 'cancelled';
  /** Milliseconds. */
  readonly ms: number;
  /** Absent where the call failed before it had a response. */
  readonly timing?: RequestTiming;
  readonly wire?: WireInfo;
  readonly drain?: DrainReport;
}
