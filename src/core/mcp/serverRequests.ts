import { untilAborted } from '../async/untilAborted.ts';
import { reasonOf } from '../errors.ts';
import {
  isObject,
  type JsonRpcErrorResponse,
  type JsonRpcRequest,
  type JsonRpcResult,
  ownId,
  type RequestId,
} from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import { Rate } from '../metrics/rate.ts';
import type { CallLog } from '../transport/callLog.ts';
import { answerCode, type ClientIdentity, fulfil } from './clientFeatures.ts';
import { TOO_MANY_REQUESTS } from './errorCodes.ts';
import type { ElicitOrigin } from './mcpTypes.ts';
import type { Way } from './session.ts';

export interface ServerRequestsOptions {
  readonly identity: ClientIdentity;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  /** How the server is spoken to by now: what it asked before `initialize` was answered is answered in the session. */
  readonly current: () => Way | undefined;
}

/** Around what a server asks. */
export interface Asked {
  /** Stops the time of the call that it belongs to; what it returns lets it run again. */
  readonly hold: () => () => void;
  /** How the server was spoken to when it asked. */
  readonly way: Way;
  /** Aborted when nobody is to be asked any more. */
  readonly signal: AbortSignal;
  readonly origin: ElicitOrigin;
  /** Of the call that it belongs to; undefined where it belongs to none. */
  readonly call: CallLog | undefined;
}

const RELATED_TASK = 'io.modelcontextprotocol/related-task';
/** What a server may want of its client at one time; a person can answer no more. */
const MAX_ASKED = 16;
/** What a server may ask within a second; and answers on their way at one time, each of which may take a connection. */
const MAX_ASKS = 100;
const MAX_QUICK = 16;
/** What takes as long as a person takes. */
const ASKS_SOMEBODY: ReadonlySet<string> = new Set(['elicitation/create', 'sampling/createMessage']);

/** What a server of the revisions before 2026-07-28 asks of its client on a stream, and our answers, each of them a POST. */
export class ServerRequests {
  readonly #options: ServerRequestsOptions;
  /** By the ids of the server's requests, until they are answered or withdrawn. */
  readonly #asked = new Map<RequestId, AbortController>();
  /** What the server asks within a second. */
  readonly #asks: Rate;
  #answering = 0;
  /** Answers under way that no person gives: to pings, and refusals. */
  #quickAnswers = 0;

  constructor(options: ServerRequestsOptions) {
    this.#options = options;
    this.#asks = new Rate(options.clock, MAX_ASKS);
  }

  asked(request: JsonRpcRequest, asked: Asked): void {
    const { method } = request;
    const { warn } = this.#options;
    const left = this.#quickAnswers < MAX_QUICK ? this.#asks.take() : 'no';
    if (left === 'first')
      warn(
        `the server sent this client more than ${MAX_ASKS} requests in a second: the others are not answered`,
      );
    if (left !== 'yes') return;
    // "The receiver MUST respond promptly with an empty response" (2025-11-25, Ping): whatever else is asked.
    if (method === 'ping') return this.#quickly(this.#answer(request, asked));
    if (this.#answering === MAX_ASKED) {
      warn(`${method} was refused: the server already waits for answers to ${MAX_ASKED} requests of its own`);
      const error = {
        code: TOO_MANY_REQUESTS,
        message: `Too many requests: this client answers ${MAX_ASKED} at one time. Ask again after an answer.`,
      };
      return this.#quickly(this.#post({ jsonrpc: '2.0', id: request.id, error }, method, asked));
    }
    this.#answering++;
    // Only what a person is asked stops the time.
    const resume = ASKS_SOMEBODY.has(method) ? asked.hold() : undefined;
    void this.#answer(request, asked).finally(() => {
      this.#answering--;
      resume?.();
    });
  }

  /** `notifications/cancelled`: the server withdraws what it asked, under an id that it may name as a text or as a number. */
  cancelled(id: unknown): void {
    const asked =
      this.#asked.get(id as RequestId) ??
      this.#asked.get(ownId(id) as RequestId) ??
      this.#asked.get(String(id));
    asked?.abort();
  }

  #quickly(answered: Promise<void>): void {
    this.#quickAnswers++;
    void answered.finally(() => this.#quickAnswers--);
  }

  /** "the client MUST send the JSON-RPC response in a new POST" (2025-11-25, Sending Messages to the Server). */
  async #answer({ id, method, params }: JsonRpcRequest, about: Asked): Promise<void> {
    const { way, signal, origin } = about;
    const { features } = this.#options.identity;
    const withdrawn = new AbortController();
    this.#asked.set(id, withdrawn);
    const given = AbortSignal.any([signal, withdrawn.signal]);
    const asked = fulfil(method, params, features, way.revision, given, origin);
    const answer = await untilAborted(asked, withdrawn.signal).then(
      (result) => ({ jsonrpc: '2.0' as const, id, result: { ...result, ...relatedTask(params) } }),
      (error: unknown) => ({
        jsonrpc: '2.0' as const,
        id,
        error: { code: answerCode(error), message: reasonOf(error) },
      }),
    );
    if (this.#asked.get(id) === withdrawn) this.#asked.delete(id);
    // "Receivers of cancellation notifications SHOULD […] not send a response" (2025-11-25, Cancellation).
    if (withdrawn.signal.aborted || (signal.aborted && 'error' in answer)) return;
    await this.#post(answer, method, about);
  }

  /** @param method that it answers */
  async #post(
    answer: JsonRpcResult | JsonRpcErrorResponse,
    method: string,
    { way, call }: Asked,
  ): Promise<void> {
    const { warn, current } = this.#options;
    const { transport } = way.revision === undefined ? (current() ?? way) : way;
    // The same id may be another question's in the session that took the place of the one in which it was asked.
    if (transport.isOver)
      return warn(`our answer to ${method} was not sent: the session of that request is over`);
    try {
      await transport.post(answer, { call });
    } catch (error) {
      warn(`our answer to ${method} did not reach the server: ${reasonOf(error)}`);
    }
  }
}

/** The task that a message says it belongs to (2025-11-25, Tasks: Associating Task-Related Messages). */
export function relatedTaskIn(params: Readonly<Record<string, unknown>> | undefined): unknown {
  const meta = params?.['_meta'];
  return isObject(meta) ? meta[RELATED_TASK] : undefined;
}

/** "All requests, notifications, and responses related to a task MUST include" which task it is (2025-11-25, Tasks). */
function relatedTask(params: Readonly<Record<string, unknown>> | undefined) {
  const task = relatedTaskIn(params);
  return task === undefined ? {} : { _meta: { [RELATED_TASK]: task } };
}
