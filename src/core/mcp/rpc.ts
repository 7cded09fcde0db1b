import { reasonOf, SluiceError } from '../errors.ts';
import type { Lane } from '../http/connectionPool.ts';
import {
  isObject,
  type JsonRpcErrorResponse,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResult,
  ownId,
  type RequestId,
} from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import type { CallLog } from '../transport/callLog.ts';
import type { Reply } from '../transport/reply.ts';
import type { Listener, PostOptions } from '../transport/transport.ts';
import { type ClientIdentity, clientCapabilities } from './clientFeatures.ts';
import type { Progress } from './mcpTypes.ts';
import type { Revision } from './protocolVersion.ts';
import { rpcFailure } from './rpcFailure.ts';
import { type RunningCall, RunningCalls } from './runningCalls.ts';
import { relatedTaskIn, ServerRequests } from './serverRequests.ts';
import type { Session, Way } from './session.ts';

export interface RpcOptions {
  readonly call: CallLog;
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
export interface RpcAnswer {
  readonly result: Readonly<Record<string, unknown>>;
  readonly reply: Reply;
  /** The server asked something of its client before it answered: the time it took is not the server's alone. */
  readonly asked: boolean;
}

export interface RpcInit {
  readonly identity: ClientIdentity;
  readonly clock: Clock;
  readonly onNotification: (notification: JsonRpcNotification) => void;
  /** There was a time in which the server may have spoken and was not heard. */
  readonly onGap: () => void;
  /** @param kind of which few are told a minute; messages that differ in numbers alone are of one */
  readonly warn: (message: string, kind?: string) => void;
}

const META = 'io.modelcontextprotocol/';

/** Requests with ids, metadata and progress, whatever the session; and what the server says besides. */
export class Rpc {
  readonly identity: ClientIdentity;
  readonly calls = new RunningCalls();
  readonly warn: (message: string, kind?: string) => void;
  readonly #onNotification: (notification: JsonRpcNotification) => void;
  readonly #onGap: () => void;
  readonly #serverRequests: ServerRequests;
  /** Of the requests under way, by their ids. */
  readonly #onProgress = new Map<unknown, (progress: Progress) => void>();
  #withdrawn = new AbortController();
  #listening: { readonly way: Way; readonly listener: Listener } | undefined;
  /** The same on every modern request. */
  #modern: { readonly revision: Revision; readonly fields: object } | undefined;
  #nextId = 1;

  constructor({ identity, clock, onNotification, onGap, warn }: RpcInit) {
    this.identity = identity;
    this.warn = warn;
    this.#onNotification = onNotification;
    this.#onGap = onGap;
    this.#serverRequests = new ServerRequests({
      identity,
      clock,
      warn,
      current: () => this.#listening?.way,
    });
  }

  /** @throws SluiceError `jsonrpc-error` where the server answers with an error, and what the transport throws */
  async request(
    way: Way,
    method: string,
    params: Readonly<Record<string, unknown>>,
    options: RpcOptions,
  ): Promise<RpcAnswer> {
    const { revision } = way;
    let id = 0;
    /** The same request under another id: "The request ID MUST NOT match the ID of any other request" without a response. */
    const issue = (): JsonRpcRequest => {
      this.#onProgress.delete(id);
      id = this.#nextId++;
      if (options.running !== undefined) {
        options.running.requestId = id;
        options.running.log = options.call;
      }
      if (options.onProgress !== undefined) this.#onProgress.set(id, options.onProgress);
      const meta = this.#meta(revision, params['_meta'], options.onProgress === undefined ? undefined : id);
      return { jsonrpc: '2.0', id, method, params: meta === undefined ? params : { ...params, _meta: meta } };
    };
    // What the user is asked on behalf of this request is withdrawn with it.
    let asking: AbortController | undefined;
    let asked = false;
    let isLeft = false;
    try {
      const reply = await way.transport.send(issue(), {
        call: options.call,
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
            return this.warn(`${received.message.method} was ignored: the request it belongs to is over`);
          asked ||= received.message.method !== 'ping';
          asking ??= new AbortController();
          const origin = options.running === undefined ? 'unasked' : 'call';
          const { signal } = asking;
          this.#serverRequests.asked(received.message, { hold, way, signal, origin, call: options.call });
        },
      });
      if ('error' in reply.message) throw rpcFailure(reply, reply.message, method);
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
  listen(way: Way): Promise<void> {
    if (this.#listening?.way !== way) this.#listening = { way, listener: this.#listener(way) };
    return way.transport.listen(this.#listening.listener);
  }

  /** Nobody is asked any more of what the server has asked unasked: the session is over, or the connection. */
  withdraw(): void {
    this.#withdrawn.abort();
    this.#withdrawn = new AbortController();
  }

  notify({ transport }: Session, method: string, options?: PostOptions): Promise<void> {
    return transport.post({ jsonrpc: '2.0', method }, options);
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
    this.warn(`the server’s own request ${method} was ignored: in its revision servers send none`);
  }

  #listener(way: Way): Listener {
    return {
      onGap: this.#onGap,
      onMessage: (received, hold) => {
        if (received.kind === 'request') {
          const task = relatedTaskIn(received.message.params);
          const running = this.calls.ownerOf(isObject(task) ? task['taskId'] : undefined);
          return this.#serverRequests.asked(received.message, {
            hold: () => {
              if (running === undefined) return this.calls.unasked();
              return running.requestId === undefined ? () => undefined : hold(running.requestId);
            },
            way,
            signal: this.#withdrawn.signal,
            origin: running === undefined ? 'unasked' : 'call',
            call: running?.log,
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
    if (method === 'notifications/cancelled') this.#serverRequests.cancelled(params?.['requestId']);
    try {
      const progress = method === 'notifications/progress' ? readProgress(params, requestId) : undefined;
      if (progress !== undefined && onProgress !== undefined) onProgress(progress);
      else this.#onNotification(notification);
    } catch (error) {
      // Below, it would be taken for a failure of the connection.
      this.warn(`a listener for ${method} failed: ${reasonOf(error)}`);
    }
  }
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
  throw new SluiceError('not-mcp', `The result has the type ${type}, which Sluice does not know`, {
    phase: 'response',
    delivery: 'answered',
    hint: 'A result is "complete", or "input_required" where the request may ask back.',
  });
}
