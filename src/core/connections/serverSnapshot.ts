import type { LatencySnapshot } from '../metrics/latency.ts';
import type { DrainReport, RequestTiming, WireInfo } from '../metrics/requestTiming.ts';
import type { ConnectionState } from './connectionState.ts';

/** Connections of one server, now and so far. */
export interface PoolSnapshot {
  readonly busy: number;
  readonly draining: number;
  readonly idle: number;
  readonly warm: number;
  /** Calls that wait for a connection. */
  readonly queued: number;
  /** Connections opened so far. */
  readonly opened: number;
  /** Requests carried so far, and how many of them went over a connection that had served before. */
  readonly requests: number;
  readonly reused: number;
}

/** Everything the status bar shows of a server, read at one moment. */
export interface ServerSnapshot {
  readonly name: string;
  readonly url: string;
  readonly state: ConnectionState;
  /** Tool calls that have not settled. */
  readonly inFlight: number;
  readonly latency: LatencySnapshot;
  readonly lastCall: LastCall | undefined;
  readonly pool: PoolSnapshot;
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
