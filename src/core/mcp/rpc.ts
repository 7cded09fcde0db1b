import { isSluiceError, SluiceError } from '../errors.ts';
import { isObject, type JsonRpcNotification, type JsonRpcRequest } from '../jsonrpc/message.ts';
import type { Reply } from '../transport/reply.ts';
import type { Listener, Transport } from '../transport/transport.ts';
import { answerCode, type ClientIdentity, clientCapabilities, fulfil } from './clientFeatures.ts';
import type { Progress } from './mcpTypes.ts';
import type { Revision } from './protocolVersion.ts';

export interface RpcOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly repeatable: boolean;
  /**
   * The response's stream stays open for what the server has to tell, which all goes here. It has a connection of its
   * own, and its time begins anew with each message.
   */
  readonly stream?: ((notification: JsonRpcNotification) => void) | undefined;
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
/** What a server may want of its client at one time; a person can answer no more. */
const MAX_ASKED = 16;
/** What takes as long as a person takes. */
const ASKS_SOMEBODY: ReadonlySet<string> = new Set(['elicitation/create', 'sampling/createMessage']);

/** Requests with ids, metadata and progress; and answers to what the server asks on a stream. */
export class Rpc {
  readonly identity: ClientIdentity;
  /** The way to the server. Negotiation finds out which one it is. */
  transport: Transport;
  readonly #onNotification: (notification: JsonRpcNotification) => void;
  readonly #onGap: () => void;
  /** Of the requests under way, by their ids. */
  readonly #onProgress = new Map<unknown, (progress: Progress) => void>();
  #withdrawn = new AbortController();
  #unasked: { readonly revision: Revision | undefined; readonly listener: Listener } | undefined;
  /** The same on every modern request. */
  #modern: { readonly revision: Revision; readonly fields: object } | undefined;
  #nextId = 1;
  #answering = 0;

  constructor(
    transport: Transport,
    identity: ClientIdentity,
    onNotification: (notification: JsonRpcNotification) => void,
    onGap: () => void,
  ) {
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
    const id = this.#nextId++;
    const meta = this.#meta(revision, params['_meta'], options.onProgress === undefined ? undefined : id);
    const message: JsonRpcRequest = {
      jsonrpc: '2.0',
      id,
      method,
      params: meta === undefined ? params : { ...params, _meta: meta },
    };
    // What the user is asked on behalf of this request is withdrawn with it.
    let asking: AbortController | undefined;
    let asked = false;
    let isLeft = false;
    if (options.onProgress !== undefined) this.#onProgress.set(id, options.onProgress);
    try {
      const reply = await this.transport.send(message, {
        rules: revision,
        parameters: options.parameters,
        signal: options.signal,
        timeout: options.timeout,
        repeatable: options.repeatable,
        lane: options.stream === undefined ? 'call' : 'stream',
        onMessage: (received, hold) => {
          if (options.stream !== undefined && received.kind === 'notification') {
            hold();
            return options.stream(received.message);
          }
          asked ||= received.kind === 'request' && received.message.method !== 'ping';
          if (received.kind === 'notification') return this.#onNotified(received.message, id, options);
          if (isLeft && received.message.method !== 'ping')
            return this.transport.warn(
              `${received.message.method} was ignored: the request it belongs to is over`,
            );
          asking ??= new AbortController();
          this.#onAsked(received.message, hold, revision, asking.signal);
        },
      });
      if ('error' in reply.message) throw rpcFailure(reply, method);
      return { result: reply.message.result, reply, asked };
    } catch (error) {
      isLeft = true;
      throw error;
    } finally {
      asking?.abort();
      this.#onProgress.delete(id);
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

  notify(revision: Revision, method: string): Promise<void> {
    return this.transport.post({ jsonrpc: '2.0', method }, revision);
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

  #onAsked(
    request: JsonRpcRequest,
    hold: () => () => void,
    revision: Revision | undefined,
    signal: AbortSignal,
  ): void {
    // Only what a person is asked stops the time: a server that pings would have all the time of the world.
    const resume = ASKS_SOMEBODY.has(request.method) ? hold() : undefined;
    void this.#answer(request, revision, signal).finally(resume);
  }

  #listener(revision: Revision | undefined): Listener {
    return {
      onGap: this.#onGap,
      onMessage: (received, hold) => {
        if (received.kind === 'request')
          return this.#onAsked(received.message, hold, revision, this.#withdrawn.signal);
        // Some servers tell here of the progress of a request that has a stream of its own.
        const token = received.message.params?.['progressToken'];
        this.#onNotified(received.message, token, { onProgress: this.#onProgress.get(token) });
      },
    };
  }

  #onNotified(
    notification: JsonRpcNotification,
    requestId: unknown,
    { onProgress }: Pick<RpcOptions, 'onProgress'>,
  ): void {
    const { method, params } = notification;
    try {
      const progress = method === 'notifications/progress' ? readProgress(params, requestId) : undefined;
      if (progress !== undefined && onProgress !== undefined) onProgress(progress);
      else this.#onNotification(notification);
    } catch (error) {
      // Below, it would be taken for a failure of the connection.
      this.transport.warn(`whoever listens to ${method} failed: ${reasonOf(error)}`);
    }
  }

  /** Legacy servers ask on the stream and wait for a POST with the answer (2025-11-25, Sending Messages). */
  async #answer(
    { id, method, params }: JsonRpcRequest,
    revision: Revision | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { sessionId } = this.transport;
    try {
      this.#answering++;
      const { features } = this.identity;
      const asked =
        this.#answering > MAX_ASKED
          ? Promise.reject(new Error(`this client answers ${MAX_ASKED} requests at one time`))
          : fulfil(method, params, features, revision, signal);
      const answer = await asked.then(
        (result) => ({ jsonrpc: '2.0' as const, id, result: { ...result, ...relatedTask(params) } }),
        (error: unknown) => ({
          jsonrpc: '2.0' as const,
          id,
          error: { code: answerCode(error), message: reasonOf(error) },
        }),
      );
      if (signal.aborted && 'error' in answer) return;
      // The next session counts its requests anew: there it would be the answer to another question.
      if (sessionId !== undefined && sessionId !== this.transport.sessionId)
        throw new Error('its session is over');
      await this.transport.post(answer, revision);
    } catch (error) {
      this.transport.warn(`our answer to ${method} did not reach the server: ${reasonOf(error)}`);
    } finally {
      this.#answering--;
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** "All requests, notifications, and responses related to a task MUST include" which task it is (2025-11-25, Tasks). */
function relatedTask(params: Readonly<Record<string, unknown>> | undefined) {
  const meta = params?.['_meta'];
  const task = isObject(meta) ? meta[RELATED_TASK] : undefined;
  return task === undefined ? {} : { _meta: { [RELATED_TASK]: task } };
}

/** Undefined where it is that of another request. */
export function readProgress(
  params: Readonly<Record<string, unknown>> | undefined,
  token: unknown,
): Progress | undefined {
  if (params === undefined || params['progressToken'] !== token || typeof params['progress'] !== 'number')
    return undefined;
  const { progress, total, message } = params;
  return {
    progress,
    ...(typeof total === 'number' ? { total } : {}),
    ...(typeof message === 'string' ? { message } : {}),
  };
}

function rpcFailure(reply: Reply, method: string): SluiceError {
  const error = 'error' in reply.message ? reply.message.error : undefined;
  if (error === undefined) throw new Error('not an error');
  return new SluiceError('jsonrpc-error', `${error.message} (${error.code})`, {
    phase: 'response',
    delivery: 'answered',
    status: reply.wire.status,
    rpc: error,
    ...(error.code === -32601 ? { hint: `The server does not offer ${method}.` } : {}),
    ...(error.code === -32602 ? { hint: 'Check the name of the tool and its arguments.' } : {}),
  });
}

/** The JSON-RPC error that a failure carries, be it in an HTTP error's body or in a response. */
export function rpcErrorOf(error: unknown): { code: number; message: string; data?: unknown } | undefined {
  return isSluiceError(error) ? error.rpc : undefined;
}
