import type { CallToolResult } from '../../core/mcp/mcpTypes.ts';
import type { SentText } from '../../core/mcp/toolResult.ts';
import type { DrainReport, RequestTiming, WireInfo } from '../../core/metrics/requestTiming.ts';

/** A call of a tool, as asked for. */
export interface ToolCall {
  readonly server: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** How a call ended. */
export type CallEnd =
  | {
      readonly kind: 'result';
      readonly result: CallToolResult;
      readonly timing: RequestTiming;
      readonly wire: WireInfo;
      /** Where `structuredContent` breaks the tool's output schema. */
      readonly violations: readonly string[];
      /** Where it is only unlike what the schema describes. */
      readonly notes?: readonly string[] | undefined;
      /** Where the result is not as the protocol has it. */
      readonly odd?: readonly string[] | undefined;
      /** The text that brought the result, held as long as the record is. */
      readonly sent?: SentText | undefined;
      /** Why that could not be checked; absent where it was. */
      readonly unchecked?: string | undefined;
      /** Absent until the rest of the response is read. */
      readonly drain?: DrainReport;
    }
  /** `error` is a SluiceError unless Sluice has a defect. */
  | { readonly kind: 'error'; readonly error: unknown };

/** A call that has settled. */
export interface CallRecord extends ToolCall {
  /** The server's name as it was shown then. */
  readonly shownServer: string;
  /** The arguments as they are shown: without those that the tool's schema calls secret. Absent where it has none. */
  readonly shownArguments?: ToolCall['arguments'] | undefined;
  /** Milliseconds since the epoch when it was asked for. */
  readonly time: number;
  /** Milliseconds the caller waited, the server's handshake included. */
  readonly ms: number;
  readonly end: CallEnd;
}
