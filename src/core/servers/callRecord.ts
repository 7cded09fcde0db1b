import type { SluiceError } from '../errors.ts';
import type { Initiator } from '../metrics/initiator.ts';
import type { DrainReport, RequestTiming, WireInfo } from '../metrics/requestTiming.ts';

interface Call {
  /** Counted per server from 1; trace events name the call by it. */
  readonly id: number;
  readonly server: string;
  /** The tool; where a task was taken up whose tool is not known, the id of the task. */
  readonly tool: string;
  /** For example `tools/call say_hello`. */
  readonly title: string;
  readonly initiator: Initiator;
  /** Wall time in milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds that the caller waited: connecting, every round of a call that asked back, and the user's answers. */
  readonly ms: number;
  /**
   * Numbers of its HTTP requests, in the order in which they were asked for: attempts, rounds, polls of its task, GETs for
   * the rest of a stream, our answers to what the server asked within it, and its cancellation. What calls share is of
   * none of them: the handshake, lists, the stream on which a server speaks unasked. The first 10,000.
   */
  readonly requests: readonly number[];
}

/** A call that was answered. `tool-error`: the tool says that it failed. */
export interface AnsweredCall extends Call {
  readonly outcome: 'ok' | 'tool-error';
  /** Of the request that was answered last. */
  readonly timing: RequestTiming;
  readonly wire: WireInfo;
  /** The user was asked in the middle of it, or it became a task: the time it took is not the server's alone. */
  readonly asked: boolean;
  /** What became of the rest of the response; absent until that is known. */
  readonly drain?: DrainReport;
}

/** A call that was not. Secrets are masked in all texts of the error. */
export interface FailedCall extends Call {
  readonly outcome: 'error' | 'cancelled';
  readonly error: SluiceError;
}

/** What is known of a call that has settled: none of what was sent or came back. */
export type CallRecord = AnsweredCall | FailedCall;

/** Gets the record of a call when it settles, and once more when its drain is known, where it was answered. */
export type OnRecord = (record: CallRecord) => void;
