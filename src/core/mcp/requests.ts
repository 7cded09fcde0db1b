import { isSluiceError, SluiceError } from '../errors.ts';
import type { JsonRpcNotification } from '../jsonrpc/message.ts';
import type { StreamableHttp } from '../transport/streamableHttp.ts';
import { MAX_ROUNDS, respondToInputRequests, tooManyRounds } from './inputRequired.ts';
import type { Progress } from './mcpTypes.ts';
import type { Negotiated } from './negotiation.ts';
import type { Revision } from './protocolVersion.ts';
import type { Answered, Rpc, RpcOptions } from './rpc.ts';
import type { ServerInfo } from './serverInfo.ts';

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; those of the settings where absent. */
  readonly timeout?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface RequestsOptions {
  readonly rpc: Rpc;
  readonly transport: StreamableHttp;
  readonly negotiated: Negotiated;
  /** Negotiates anew, from the revision that was spoken. */
  readonly negotiate: (remembered: string) => Promise<Negotiated>;
  /** Milliseconds. */
  readonly timeout: number;
}

type Options = RequestOptions & Pick<RpcOptions, 'parameters' | 'repeatable'>;

/**
 * What every feature of the protocol asks through, once the revision is known. A session that the server lost is
 * replaced, and the user is asked what a result requires.
 */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #listeners = new Map<string, Set<(notification: JsonRpcNotification) => void>>();
  readonly #onRenewed = new Set<() => void>();
  #negotiated: Negotiated;
  #renewing: Promise<void> | undefined;
  /** The session is gone, and no new one was to be had so far. */
  #isLost = false;

  constructor(options: RequestsOptions) {
    this.#options = options;
    this.#negotiated = options.negotiated;
  }

  get info(): ServerInfo {
    return this.#negotiated.info;
  }

  get revision(): Revision {
    return this.#negotiated.revision;
  }

  warn(message: string): void {
    this.#options.transport.warn(message);
  }

  /** One request. @throws SluiceError */
  async send(method: string, params: Readonly<Record<string, unknown>>, options: Options): Promise<Answered> {
    const { rpc, transport, timeout } = this.#options;
    const rpcOptions = { ...options, timeout: options.timeout ?? timeout };
    // Without a session, or in the lost one, it would be refused.
    if (this.#isLost) await this.#renew(transport.sessionId);
    const session = transport.sessionId;
    try {
      return await rpc.request(this.revision, method, params, rpcOptions);
    } catch (error) {
      if (!isSluiceError(error) || error.code !== 'session-lost') throw error;
      // The server refused the session before it looked at the request: it is known not to have run.
      await this.#renew(session);
      return rpc.request(this.revision, method, params, rpcOptions);
    }
  }

  /**
   * A request, made again with what its results ask for until one is complete (2026-07-28, Multi Round-Trip Requests).
   * @returns the last answer; `asked` where any of them asked
   * @throws SluiceError
   */
  async complete(
    method: string,
    params: Readonly<Record<string, unknown>>,
    options: Options,
  ): Promise<Answered> {
    let answered = await this.send(method, params, options);
    let { asked } = answered;
    for (let round = 1; answered.result['resultType'] === 'input_required'; round++) {
      if (round > MAX_ROUNDS) throw tooManyRounds();
      const signal = options.signal ?? new AbortController().signal;
      const { features } = this.#options.rpc.identity;
      const responses = await respondToInputRequests(answered.result, features, signal);
      asked = true;
      answered = await this.send(method, { ...params, ...responses }, options);
    }
    checkResultType(answered.result['resultType']);
    return { ...answered, asked };
  }

  /** Calls back for each notification of a method, on whatever stream it comes. Returns a function that ends it. */
  onNotification(method: string, listener: (notification: JsonRpcNotification) => void): () => void {
    const listeners = this.#listeners.get(method) ?? new Set();
    this.#listeners.set(method, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** A new session was started in place of one that the server lost: what was known of the server may be old. */
  onRenewed(listener: () => void): void {
    this.#onRenewed.add(listener);
  }

  /** A notification has come. */
  notified(notification: JsonRpcNotification): void {
    for (const listener of this.#listeners.get(notification.method) ?? []) listener(notification);
  }

  /** One new handshake for all requests that found the same session lost (2025-11-25, Session Management). */
  #renew(lost: string | undefined): Promise<void> {
    const { transport, negotiate } = this.#options;
    if (this.#renewing !== undefined) return this.#renewing;
    if (transport.sessionId !== lost) return Promise.resolve();
    this.#isLost = true;
    transport.warn('the server no longer knows the session: a new one is started');
    this.#renewing = negotiate(this.revision.version)
      .then((negotiated) => {
        this.#negotiated = negotiated;
        this.#isLost = false;
        for (const listener of this.#onRenewed) listener();
      })
      .finally(() => {
        this.#renewing = undefined;
      });
    return this.#renewing;
  }
}

/** "A resultType of any value unrecognized by the client MUST be considered invalid"; absent is complete. */
function checkResultType(resultType: unknown): void {
  if (resultType === undefined || resultType === 'complete') return;
  throw new SluiceError(
    'not-mcp',
    `The result has the type ${JSON.stringify(resultType)}, which nobody declared`,
    {
      phase: 'response',
      delivery: 'answered',
      hint: 'A result is "complete" or "input_required".',
    },
  );
}
