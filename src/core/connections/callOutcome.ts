import type { CallToolResult, Progress } from '../mcp/mcpTypes.ts';
import type { DrainReport, RequestTiming, WireInfo } from '../metrics/requestTiming.ts';

export interface CallOptions {
  /** Aborting cancels the call: the caller gets `cancelled` at once, the server is told. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Milliseconds; the server's `requestTimeout` where absent. */
  readonly timeout?: number;
}

/** What a call gives. It is there as soon as the response is; `drained` follows later and never rejects. */
export interface CallOutcome {
  readonly result: CallToolResult;
  /** Milliseconds that the caller waited: connecting, every round of a call that asked back, and the user's answers. */
  readonly ms: number;
  readonly timing: RequestTiming;
  readonly wire: WireInfo;
  readonly drained: Promise<DrainReport>;
  /** Where `structuredContent` breaks the tool's `outputSchema`: one sentence each; empty where it holds. */
  readonly violations: readonly string[];
}
