import { isSluiceError, SluiceError } from '../errors.ts';
import type { JsonRpcNotification, JsonRpcRequest } from '../jsonrpc/message.ts';
import type { Reply } from '../transport/reply.ts';
import type { StreamableHttp } from '../transport/streamableHttp.ts';
import { type ClientFeatures, type ClientIdentity, clientCapabilities, fulfil } from './clientFeatures.ts';
import type { Progress } from './mcpTypes.ts';
import type { Revision } from './protocolVersion.ts';

export interface RpcOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly repeatable: boolean;
}

/** A result, and the reply that brought it. */
export interface Answered {
  readonly result: Readonly<Record<string, unknown>>;
  readonly reply: Reply;
  /** The server asked something of its client before it answered: the time it took is not the server's alone. */
  readonly asked: boolean;
}

const META = 'io.modelcontextprotocol/';

/** Requests with ids, metadata and progress; and answers to what the server asks on a stream. */
export class Rpc {
  readonly identity: ClientIdentity;
  readonly #transport: StreamableHttp;
  readonly #onNotification: (notification: JsonRpcNotification) => void;
  /** The same on every modern request. */
  #modern: { readonly revision: Revision; readonly fields: object } | undefined;
  #nextId = 1;

  constructor(
    transport: StreamableHttp,
    identity: ClientIdentity,
    onNotification: (notification: JsonRpcNotification) => void,
  ) {
    this.#transport = transport;
    this.identity = identity;
    this.#onNotification = onNotification;
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
    try {
      const reply = await this.#transport.send(message, {
        rules: revision,
        parameters: options.parameters,
        signal: options.signal,
        timeout: options.timeout,
        repeatable: options.repeatable,
        onMessage: (received, hold) => {
          asked ||= received.kind === 'request' && received.message.method !== 'ping';
          if (received.kind === 'notification') return this.#onNotified(received.message, id, options);
          asking ??= new AbortController();
          this.#onAsked(received.message, hold, revision, asking.signal);
        },
      });
      if ('error' in reply.message) throw rpcFailure(reply, method);
      return { result: reply.message.result, reply, asked };
    } finally {
      asking?.abort();
    }
  }

  notify(revision: Revision, method: string): Promise<void> {
    return this.#transport.post({ jsonrpc: '2.0', method }, revision);
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
    const resume = hold();
    void this.#answer(request, revision, signal).finally(resume);
  }

  #onNotified(notification: JsonRpcNotification, requestId: number, { onProgress }: RpcOptions): void {
    const { method, params } = notification;
    try {
      if (method === 'notifications/progress') {
        const progress = readProgress(params, requestId);
        if (progress !== undefined) onProgress?.(progress);
      } else this.#onNotification(notification);
    } catch (error) {
      // Below, it would be taken for a failure of the connection.
      this.#transport.warn(`whoever listens to ${method} failed: ${reasonOf(error)}`);
    }
  }

  /** Legacy servers ask on the stream and wait for a POST with the answer (2025-11-25, Sending Messages). */
  async #answer(
    { id, method, params }: JsonRpcRequest,
    revision: Revision | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const features: ClientFeatures = this.identity.features;
      const result = await fulfil(method, params, features, signal).catch((error: unknown) => ({
        failed: error,
      }));
      if (signal.aborted && 'failed' in result) return;
      const answer =
        'failed' in result
          ? { jsonrpc: '2.0' as const, id, error: { code: -32601, message: reasonOf(result['failed']) } }
          : { jsonrpc: '2.0' as const, id, result };
      await this.#transport.post(answer, revision);
    } catch (error) {
      this.#transport.warn(`our answer to ${method} did not reach the server: ${reasonOf(error)}`);
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function readProgress(
  params: Readonly<Record<string, unknown>> | undefined,
  token: number,
): Progress | undefined {
  if (params?.['progressToken'] !== token || typeof params['progress'] !== 'number') return undefined;
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
