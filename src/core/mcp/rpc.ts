import { isSluiceError, SluiceError } from '../errors.ts';
import type { Lane } from '../http/connectionPool.ts';
import { exactError } from '../jsonrpc/exactError.ts';
import {
  isObject,
  type JsonRpcError,
  type JsonRpcErrorResponse,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResult,
  ownId,
  type RequestId,
} from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import { Rate } from '../metrics/rate.ts';
import type { CallDelivery } from '../transport/callDelivery.ts';
import type { Reply } from '../transport/reply.ts';
import { inWords } from '../transport/rpcWords.ts';
import { SERVES_ONE_HINT, saysItServesOne, saysSessionIsLost } from '../transport/serverWords.ts';
import type { Listener, PostOptions, Transport } from '../transport/transport.ts';
import { answerCode, type ClientIdentity, clientCapabilities, fulfil } from './clientFeatures.ts';
import type { ElicitOrigin, Progress } from './mcpTypes.ts';
import type { Revision } from './protocolVersion.ts';
import { type RunningCall, RunningCalls } from './runningCalls.ts';
import { untilAborted } from './untilAborted.ts';

export interface RpcOptions {
  readonly call: CallDelivery;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  /** `call` where absent, or `stream` where there is one. */
  readonly lane?: Lane | undefined;
  readonly onSent?: (() => void) | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** As the transport's: a request that was left goes on. */
  readonly onLateAnswer?: ((message: JsonRpcResult | JsonRpcErrorResponse) => void) | undefined;
  readonly repeatable: boolean;
  /** The call that it is a part of: what the server asks on its stream belongs to that. */
  readonly running?: RunningCall | undefined;
  /**
   * The response's stream stays open for what the server has to tell, which all goes here, with the id of the request.
   * It has a connection of its own, and its time begins anew with each message.
   */
  readonly stream?: ((notification: JsonRpcNotification, requestId: RequestId) => void) | undefined;
  /** Of results that are not `complete`, and that the caller knows what to do with. */
  readonly resultTypes?: readonly string[] | undefined;
}

/** A result, and the reply that brought it. */
export interface Answered {
  readonly result: Readonly<Record<string, unknown>>;
  readonly reply: Reply;
  /** The server asked something of its client before it answered: the time it took is not the server's alone. */
  readonly asked: boolean;
}

const META = 'io.modelcontextprotocol/';
const RELATED_TASK = `${META}related-task`;
const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;
/** Of revisions before 2026-07-28. */
const RESOURCE_NOT_FOUND = -32002;
const NO_RESOURCE = 'The server has no such resource: look at what it lists.';
/** Around what a server asks. */
interface Asked {
  /** Stops the time of the call that it belongs to; what it returns lets it run again. */
  readonly hold: () => () => void;
  readonly revision: Revision | undefined;
  /** Aborted when nobody is to be asked any more. */
  readonly signal: AbortSignal;
  readonly origin: ElicitOrigin;
}

/** What a server may want of its client at one time; a person can answer no more. */
const MAX_ASKED = 16;
/**
 * What it is told beyond that. "New error codes for purposes not defined by this specification SHOULD be allocated
 * outside the JSON-RPC reserved range" (2026-07-28, basic, Error Codes): the number is that of HTTP for the same.
 */
const TOO_MANY_REQUESTS = 429;
/** What a server may ask within a second; and answers on their way at one time, each of which may take a connection. */
const MAX_ASKS = 100;
const MAX_QUICK = 16;
/** What takes as long as a person takes. */
const ASKS_SOMEBODY: ReadonlySet<string> = new Set(['elicitation/create', 'sampling/createMessage']);

/** Requests with ids, metadata and progress; and answers to what the server asks on a stream. */
export class Rpc {
  readonly identity: ClientIdentity;
  readonly calls = new RunningCalls();
  /** The way to the server. Negotiation finds out which one it is. */
  transport: Transport;
  readonly #onNotification: (notification: JsonRpcNotification) => void;
  readonly #onGap: () => void;
  /** Of the requests under way, by their ids. */
  readonly #onProgress = new Map<unknown, (progress: Progress) => void>();
  /** What the server asks, by the ids of its requests, until it is answered or withdrawn. */
  readonly #asked = new Map<RequestId, AbortController>();
  #withdrawn = new AbortController();
  #unasked: { readonly revision: Revision | undefined; readonly listener: Listener } | undefined;
  /** The same on every modern request. */
  #modern: { readonly revision: Revision; readonly fields: object } | undefined;
  #nextId = 1;
  #answering = 0;
  /** What the server asks of this client, within a second; each answer is a POST. */
  readonly #asks: Rate;
  /** Answers under way that no person gives: to pings, and refusals. */
  #quickAnswers = 0;

  constructor(
    transport: Transport,
    identity: ClientIdentity,
    onNotification: (notification: JsonRpcNotification) => void,
    onGap: () => void,
    clock: Clock,
  ) {
    this.#asks = new Rate(clock, MAX_ASKS);
    this.transport = transport;
    this.identity = identity;
    this.#onNotification = onNotification;
    this.#onGap = onGap;
  }

  /**
   * @param revision undefined for `initialize`, which comes before it is known
   * @throws SluiceError `jsonrpc-error` where the server answers with an error, and what the transport throws
   */
  async request(
    revision: Revision | undefined,
    method: string,
    params: Readonly<Record<string, unknown>>,
    options: RpcOptions,
  ): Promise<Answered> {
    let id = 0;
    /** The same request under another id: "The request ID MUST NOT match the ID of any other request" without a response. */
    const issue = (): JsonRpcRequest => {
      this.#onProgress.delete(id);
      id = this.#nextId++;
      if (options.running !== undefined) options.running.requestId = id;
      if (options.onProgress !== undefined) this.#onProgress.set(id, options.onProgress);
      const meta = this.#meta(revision, params['_meta'], options.onProgress === undefined ? undefined : id);
      return { jsonrpc: '2.0', id, method, params: meta === undefined ? params : { ...params, _meta: meta } };
    };
    // What the user is asked on behalf of this request is withdrawn with it.
    let asking: AbortController | undefined;
    let asked = false;
    let isLeft = false;
    try {
      const reply = await this.transport.send(issue(), {
        call: options.call,
        rules: revision,
        parameters: options.parameters,
        signal: options.signal,
        timeout: options.timeout,
        reissue: options.repeatable ? issue : undefined,
        lane: options.lane ?? (options.stream === undefined ? 'call' : 'stream'),
        onSent: options.onSent,
        onLateAnswer: options.onLateAnswer,
        onMessage: (received, hold) => {
          if (options.stream !== undefined && received.kind === 'notification') {
            hold();
            return options.stream(received.message, id);
          }
          if (received.kind === 'notification') return this.#onNotified(received.message, id);
          if (revision?.era === 'modern') return this.#refuseToAnswer(received.message);
          if (isLeft && received.message.method !== 'ping')
            return this.transport.warn(
              `${received.message.method} was ignored: the request it belongs to is over`,
            );
          asked ||= received.message.method !== 'ping';
          asking ??= new AbortController();
          const origin = options.running === undefined ? 'unasked' : 'call';
          this.#onAsked(received.message, { hold, revision, signal: asking.signal, origin });
        },
      });
      if ('error' in reply.message) throw rpcFailure(reply, method);
      const { result } = reply.message;
      if (revision?.era === 'modern') checkResultType(result['resultType'], options.resultTypes);
      return { result, reply, asked };
    } catch (error) {
      isLeft = true;
      throw error;
    } finally {
      asking?.abort();
      this.#onProgress.delete(id);
      if (options.running?.requestId === id) options.running.requestId = undefined;
    }
  }

  /** Hears what the server says unasked: its requests are answered as those on a request's stream. */
  listen(revision: Revision | undefined): Promise<void> {
    if (this.#unasked === undefined || this.#unasked.revision !== revision)
      this.#unasked = { revision, listener: this.#listener(revision) };
    return this.transport.listen(revision, this.#unasked.listener);
  }

  /** Nobody is asked any more of what the server has asked unasked: the session is over, or the connection. */
  withdraw(): void {
    this.#withdrawn.abort();
    this.#withdrawn = new AbortController();
  }

  notify(revision: Revision, method: string, options?: PostOptions): Promise<void> {
    return this.transport.post({ jsonrpc: '2.0', method }, revision, options);
  }

  /** Modern requests say who asks and what it can do, each by itself (2026-07-28, basic, Per-request protocol fields). */
  #meta(revision: Revision | undefined, given: unknown, progressToken: number | undefined) {
    const progress = progressToken === undefined ? {} : { progressToken };
    if (revision?.era !== 'modern')
      return progressToken === undefined ? given : { ...(given as object), ...progress };
    if (this.#modern?.revision !== revision) {
      const fields = {
        [`${META}protocolVersion`]: revision.version,
        [`${META}clientInfo`]: this.identity.info,
        [`${META}clientCapabilities`]: clientCapabilities(this.identity.features, revision),
      };
      this.#modern = { revision, fields };
    }
    const { fields } = this.#modern;
    return given === undefined && progressToken === undefined
      ? fields
      : { ...(given as object | undefined), ...progress, ...fields };
  }

  /** "The client MUST NOT send JSON-RPC responses": a modern server asks in its results (2026-07-28, Sending Messages). */
  #refuseToAnswer({ method }: JsonRpcRequest): void {
    this.transport.warn(`the server’s own request ${method} was ignored: its revision has none`);
  }

  #onAsked(request: JsonRpcRequest, asked: Asked): void {
    const { method } = request;
    const { hold, revision } = asked;
    const left = this.#quickAnswers < MAX_QUICK ? this.#asks.take() : 'no';
    if (left === 'first')
      this.transport.warn(
        `the server asked more than ${MAX_ASKS} things of this client in a second: the others are not answered`,
      );
    if (left !== 'yes') return;
    // "The receiver MUST respond promptly with an empty response" (2025-11-25, Ping): whatever else is asked.
    if (method === 'ping') return this.#quickly(this.#answer(request, asked));
    if (this.#answering === MAX_ASKED) {
      this.transport.warn(
        `${method} was refused: the server waits for answers to ${MAX_ASKED} requests of its own already`,
      );
      const error = {
        code: TOO_MANY_REQUESTS,
        message: `Too many requests: this client answers ${MAX_ASKED} at one time. Ask again after an answer.`,
      };
      return this.#quickly(this.#post({ jsonrpc: '2.0', id: request.id, error }, method, revision));
    }
    this.#answering++;
    // Only what a person is asked stops the time.
    const resume = ASKS_SOMEBODY.has(method) ? hold() : undefined;
    void this.#answer(request, asked).finally(() => {
      this.#answering--;
      resume?.();
    });
  }

  #quickly(answered: Promise<void>): void {
    this.#quickAnswers++;
    void answered.finally(() => this.#quickAnswers--);
  }

  #listener(revision: Revision | undefined): Listener {
    return {
      onGap: this.#onGap,
      onMessage: (received, hold) => {
        if (received.kind === 'request') {
          const task = taskOf(received.message.params);
          const running = this.calls.ownerOf(isObject(task) ? task['taskId'] : undefined);
          return this.#onAsked(received.message, {
            hold: () => {
              if (running === undefined) return this.calls.unasked();
              return running.requestId === undefined ? () => undefined : hold(running.requestId);
            },
            revision,
            signal: this.#withdrawn.signal,
            origin: running === undefined ? 'unasked' : 'call',
          });
        }
        // Some servers tell here of the progress of a request that has a stream of its own.
        this.#onNotified(received.message, ownId(received.message.params?.['progressToken']));
      },
    };
  }

  #onNotified(notification: JsonRpcNotification, requestId: unknown): void {
    const { method, params } = notification;
    // A request that is over has no progress, whatever its server says on the rest of its stream.
    const onProgress = this.#onProgress.get(requestId);
    if (method === 'notifications/cancelled') this.#askedAs(params?.['requestId'])?.abort();
    try {
      const progress = method === 'notifications/progress' ? readProgress(params, requestId) : undefined;
      if (progress !== undefined && onProgress !== undefined) onProgress(progress);
      else this.#onNotification(notification);
    } catch (error) {
      // Below, it would be taken for a failure of the connection.
      this.transport.warn(`whoever listens to ${method} failed: ${reasonOf(error)}`);
    }
  }

  /** What the server asked under an id, which it may name as a text or as a number. */
  #askedAs(id: unknown): AbortController | undefined {
    return (
      this.#asked.get(id as RequestId) ??
      this.#asked.get(ownId(id) as RequestId) ??
      this.#asked.get(String(id))
    );
  }

  /** Legacy servers ask on the stream and wait for a POST with the answer (2025-11-25, Sending Messages). */
  async #answer({ id, method, params }: JsonRpcRequest, { revision, signal, origin }: Asked): Promise<void> {
    const { transport } = this;
    const { sessionId } = transport;
    const withdrawn = new AbortController();
    this.#asked.set(id, withdrawn);
    const given = AbortSignal.any([signal, withdrawn.signal]);
    const asked = fulfil(method, params, this.identity.features, revision, given, origin);
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
    // The same id may be another question's in the session that took the place of the one in which it was asked.
    const isOver =
      transport !== this.transport || (sessionId !== undefined && sessionId !== transport.sessionId);
    if (isOver)
      return transport.warn(
        `our answer to ${method} was not sent: the session in which it was asked is over`,
      );
    await this.#post(answer, method, revision);
  }

  /** @param method that it answers */
  async #post(
    answer: JsonRpcResult | JsonRpcErrorResponse,
    method: string,
    revision: Revision | undefined,
  ): Promise<void> {
    try {
      await this.transport.post(answer, revision);
    } catch (error) {
      this.transport.warn(`our answer to ${method} did not reach the server: ${reasonOf(error)}`);
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** "All requests, notifications, and responses related to a task MUST include" which task it is (2025-11-25, Tasks). */
function relatedTask(params: Readonly<Record<string, unknown>> | undefined) {
  const task = taskOf(params);
  return task === undefined ? {} : { _meta: { [RELATED_TASK]: task } };
}

function taskOf(params: Readonly<Record<string, unknown>> | undefined) {
  const meta = params?.['_meta'];
  return isObject(meta) ? meta[RELATED_TASK] : undefined;
}

/** Undefined where it is that of another request. */
export function readProgress(
  params: Readonly<Record<string, unknown>> | undefined,
  token: unknown,
): Progress | undefined {
  if (params === undefined || ownId(params['progressToken']) !== token) return undefined;
  if (typeof params['progress'] !== 'number') return undefined;
  const { progress, total, message } = params;
  return {
    progress,
    ...(typeof total === 'number' ? { total } : {}),
    ...(typeof message === 'string' ? { message } : {}),
  };
}

/** "A resultType of any value unrecognized by the client MUST be considered invalid"; absent is complete. */
function checkResultType(resultType: unknown, others: readonly unknown[] = []): void {
  if (
    resultType === undefined ||
    resultType === null ||
    resultType === 'complete' ||
    others.includes(resultType)
  )
    return;
  const type = typeof resultType === 'string' ? JSON.stringify(resultType.slice(0, 100)) : typeof resultType;
  throw new SluiceError('not-mcp', `The result has the type ${type}, which nobody declared`, {
    phase: 'response',
    delivery: 'answered',
    hint: 'A result is "complete", or "input_required" where the request may ask back.',
  });
}

function rpcFailure(reply: Reply, method: string): SluiceError {
  const error = 'error' in reply.message ? exactError(reply.message) : undefined;
  if (error === undefined) throw new Error('not an error');
  return new SluiceError('jsonrpc-error', inWords(error), {
    phase: 'response',
    delivery: 'answered',
    status: reply.wire.status,
    rpc: error,
    ...(saysSessionIsLost(error.message) ? { saysSessionIsLost: true } : {}),
    ...hintOn(error, method),
  });
}

function hintOn(error: JsonRpcError, method: string): { hint: string } | undefined {
  const { code } = error;
  if (saysItServesOne(inWords(error))) return { hint: SERVES_ONE_HINT };
  switch (code) {
    case METHOD_NOT_FOUND:
      return { hint: `The server does not offer ${method}.` };
    case INVALID_PARAMS:
      return {
        hint: method === 'resources/read' ? NO_RESOURCE : 'Check the name of the tool and its arguments.',
      };
    // "clients SHOULD also accept -32002 as a resource not found error" (2026-07-28, Resources: Error Handling)
    case RESOURCE_NOT_FOUND:
      return method.startsWith('resources/') ? { hint: NO_RESOURCE } : undefined;
    default:
      return undefined;
  }
}

/** The JSON-RPC error that a failure carries, be it in an HTTP error's body or in a response. */
export function rpcErrorOf(error: unknown): { code: number; message: string; data?: unknown } | undefined {
  return isSluiceError(error) ? error.rpc : undefined;
}
