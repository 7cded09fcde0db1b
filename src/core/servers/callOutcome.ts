import type { CallToolResult, Progress, Task } from '../mcp/mcpTypes.ts';
import type { MetaOptions } from '../mcp/requestMeta.ts';
import type { SentText } from '../mcp/toolResult.ts';
import type { Initiator } from '../metrics/initiator.ts';
import type { DrainReport } from '../metrics/requestTiming.ts';
import type { AnsweredCall, OnRecord } from './callRecord.ts';

/** What a read and a prompt have in common with a call. */
export interface AskOptions extends MetaOptions {
  /** Aborting cancels the call: the caller gets `cancelled` at once, the server is told. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Milliseconds; the server's `requestTimeout` where absent. */
  readonly timeout?: number;
}

/** What a call of a tool and the taking up of its task have in common. */
export interface RecordOptions {
  /** Who asks for the call; `unknown` where absent. */
  readonly initiator?: Initiator;
  /** Called synchronously; must not throw. */
  readonly onRecord?: OnRecord;
}

export interface CallOptions extends AskOptions, RecordOptions {
  /**
   * Calls the tool as a task where it leaves the choice (2025-11-25). One that requires it is always called so, and a
   * server of 2026-07-28 decides by itself. `timeout` is for each request of a task then, not for the whole.
   */
  readonly asTask?: boolean;
  /** The call became a task, or its task has another state. */
  readonly onTask?: (task: Task) => void;
}

export interface TaskCallOptions extends AskOptions, RecordOptions {
  /** The tool that was called, against whose `outputSchema` the result is checked. */
  readonly tool?: string;
  readonly onTask?: (task: Task) => void;
}

/** What a call gives: its record, and the result. It is there as soon as the response is. */
export interface CallOutcome extends AnsweredCall {
  readonly result: CallToolResult;
  /** Follows later, and never rejects. */
  readonly drained: Promise<DrainReport>;
  /** Where `structuredContent` breaks the tool's `outputSchema`: one sentence each; empty where it holds. */
  readonly violations: readonly string[];
  /** Where `structuredContent` is only unlike what the schema describes, as by its `format`: one sentence each. Absent where it is not. */
  readonly notes?: readonly string[];
  /** Why `structuredContent` could not be checked, which is no fault of the result; absent where it was checked. */
  readonly unchecked?: string | undefined;
  /** Where the result is not as the protocol has it, and was read all the same: one sentence each. Absent where it is. */
  readonly odd?: readonly string[];
  /** The text that brought the result. `result` has its values as JavaScript reads them: large numbers are rounded there. */
  readonly sent?: SentText | undefined;
}
