import type { Initiator } from '../../core/metrics/initiator.ts';
import type { CallOutcome } from '../../core/servers/callOutcome.ts';

/** A call of a tool, as asked for. */
export interface ToolCall {
  readonly server: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What is shown of an answer. Its text, `sent`, is held as long as the record is. */
type Answer = Pick<
  CallOutcome,
  'result' | 'timing' | 'wire' | 'violations' | 'notes' | 'odd' | 'sent' | 'unchecked' | 'drain'
>;

/** How a call ended. */
export type CallEnd =
  /** `drain` is absent until the rest of the response is read. */
  | ({ readonly kind: 'result' } & Answer)
  /** `error` is a SluiceError unless Sluice has a defect. */
  | { readonly kind: 'error'; readonly error: unknown };

/** A call that has settled. */
export interface ShownCall extends ToolCall {
  /** The server's name as it was shown then. */
  readonly shownServer: string;
  /** The arguments as they are shown: without those that the tool's schema calls secret. Absent where it has none. */
  readonly shownArguments?: ToolCall['arguments'] | undefined;
  /** Milliseconds since the epoch when it was asked for. */
  readonly time: number;
  /** Milliseconds the caller waited, the server's handshake included. */
  readonly ms: number;
  readonly initiator: Initiator;
  /** Its id at the server; absent where it failed before the server's connection had it. */
  readonly id?: number;
  /** Numbers of its HTTP requests at the server. */
  readonly requests: readonly number[];
  readonly end: CallEnd;
}
