/** Connections of one server, now and so far. */
export interface PoolCounts {
  readonly busy: number;
  readonly draining: number;
  readonly idle: number;
  /** Opened ahead, and not used yet. */
  readonly warm: number;
  /** Requests that wait for a connection. */
  readonly queued: number;
  /** Connections opened so far. */
  readonly opened: number;
  /** Requests carried so far, and how many of them went over a connection that had served before. */
  readonly requests: number;
  readonly reused: number;
}
