import { Bag } from '../bag.ts';
import type { RequestId } from '../jsonrpc/message.ts';
import type { CallLog } from '../transport/callLog.ts';

/** A call that somebody waits for: of a tool, with its rounds and its task, of a prompt, or a read. */
export interface RunningCall {
  /** Of the request that is under way for it; undefined between two. */
  requestId: RequestId | undefined;
  /** Of what was sent for it last; undefined before. */
  log: CallLog | undefined;
  /** Of the task that it became. */
  taskId: string | undefined;
  /** When it began, the server waited for an answer to a question that belongs to no call. */
  readonly besideOthers: boolean;
}

/**
 * The calls of one server that have not ended, and which of them a question belongs to.
 *
 * On a call's own stream, and in the rounds of `input_required`, that is no matter. A server of the revisions before
 * 2026-07-28 may also ask on the stream on which it speaks unasked (and over HTTP+SSE has no other). "These messages SHOULD be
 * unrelated to any concurrently-running JSON-RPC request" (2025-11-25, Listening for Messages), yet the official SDK of that time
 * asks there in the middle of a tool, unless its author names the request. So such a question belongs to
 *
 * - the call whose task it names (2025-11-25, Tasks: Associating Task-Related Messages);
 * - else to the only call there is, for a server gains nothing by it: on the call's own stream it may stop the call's time just so;
 * - but to none where several run, or where a question that belongs to none was open when the call began: such a server asks
 *   whether or not a call runs.
 */
export class RunningCalls {
  readonly #running = new Bag<RunningCall>();
  /** Questions that belong to none, and are not answered yet. */
  #unasked = 0;

  async run<T>(body: (call: RunningCall) => Promise<T>): Promise<T> {
    const call: RunningCall = {
      requestId: undefined,
      log: undefined,
      taskId: undefined,
      besideOthers: this.#unasked > 0,
    };
    this.#running.add(call);
    try {
      return await body(call);
    } finally {
      this.#running.delete(call);
    }
  }

  /**
   * The call that a question belongs to which came on no call's own stream.
   * @param taskId that the question names
   */
  ownerOf(taskId: unknown): RunningCall | undefined {
    const calls = [...this.#running];
    if (taskId !== undefined) return calls.find((call) => call.taskId === taskId);
    const [only, ...others] = calls;
    return others.length > 0 || only?.besideOthers === true ? undefined : only;
  }

  /** A question that belongs to no call was asked; what it returns says that it was answered. */
  unasked(): () => void {
    this.#unasked++;
    return () => {
      this.#unasked--;
    };
  }
}
