import type { PoolCounts } from '../http/poolCounts.ts';
import type { Finding } from '../metrics/finding.ts';
import type { LatencySnapshot } from '../metrics/latency.ts';
import type { CallRecord } from './callRecord.ts';
import type { ServerState } from './serverState.ts';

/** Everything the status bar shows of a server, read at one moment. */
export interface ServerSnapshot {
  readonly name: string;
  /** As it may be shown. */
  readonly url: string;
  readonly state: ServerState;
  /** Calls, reads and prompts that have not settled. */
  readonly inFlight: number;
  readonly latency: LatencySnapshot;
  /** Of a tool. */
  readonly lastCall: CallRecord | undefined;
  readonly pool: PoolCounts;
  /** What was learnt of how the server treats its connections, since it was connected. */
  readonly findings: readonly Finding[];
}
