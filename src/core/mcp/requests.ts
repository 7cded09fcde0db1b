import { untilAborted } from '../async/untilAborted.ts';
import { isSluiceError, reasonOf } from '../errors.ts';
import type { JsonRpcNotification } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import { CallLog } from '../transport/callLog.ts';
import { Changes } from './changes.ts';
import { CurrentSession, type CurrentSessionOptions } from './currentSession.ts';
import { URL_ELICITATION_REQUIRED } from './errorCodes.ts';
import { type InputResponses, MAX_ROUNDS, respondToInputRequests, tooManyRounds } from './inputRequired.ts';
import type { LogLevel, Progress } from './mcpTypes.ts';
import { offers } from './offered.ts';
import type { Revision } from './protocolVersion.ts';
import { type MetaOptions, traceContext } from './requestMeta.ts';
import type { RpcAnswer, RpcOptions } from './rpc.ts';
import type { RunningCall } from './runningCalls.ts';
import type { ServerInfo } from './serverInfo.ts';
import type { Session } from './session.ts';
import type { UrlElicitations } from './urlElicitations.ts';

export interface RequestOptions extends MetaOptions {
  /** What may take several requests has one for all of them, from the door on. */
  readonly call: CallLog;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; those of the settings where absent. */
  readonly timeout?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** The call that it is a part of, where it is of one. */
  readonly running?: RunningCall | undefined;
}

export interface RequestsOptions extends Omit<CurrentSessionOptions, 'onRenewed'> {
  readonly clock: Clock;
  readonly urlElicitations: UrlElicitations;
}

/** Signal for callers that cannot cancel. */
const NEVER = new AbortController().signal;

/** Methods whose results a server may say have changed. */
const CHANGING = /^(?:tools|prompts|resources(?:\/templates)?)\/list$|^resources\/read$/;

type Options = Omit<RequestOptions, 'call'> &
  Pick<RpcOptions, 'parameters' | 'repeatable' | 'stream' | 'resultTypes' | 'onLateAnswer'> & {
    /** The only session in which it means something; in any other it fails with `session-lost`. */
    readonly session?: Session | undefined;
    /** Of the call that it belongs to; absent where it is all of it. */
    readonly call?: CallLog | undefined;
  };

/**
 * What every feature of the protocol asks through, once the revision is known: in the session that there is, with what the
 * user answers where a result requires it.
 */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #listeners = new Map<string, Set<(notification: JsonRpcNotification) => void>>();
  readonly #changes: Changes;
  /** Requests for what a server may say has changed. */
  #asked = 0;
  readonly #onRenewed = new Set<() => void>();
  readonly #onOutdated = new Set<() => void>();
  /** Of every request, where the revision asks for it there. */
  logLevel: LogLevel | undefined;
  readonly #current: CurrentSession;

  constructor(options: RequestsOptions) {
    this.#options = options;
    this.#current = new CurrentSession({
      ...options,
      onRenewed: () => {
        this.outdated();
        for (const listener of this.#onRenewed) listener();
      },
    });
    this.#changes = new Changes(
      options.clock,
      () => this.#asked,
      (what) =>
        this.warn(
          `the server reports ${what} again and again: Sluice reacts to it less and less often, at least once a minute`,
        ),
    );
  }

  /** What a server gave in it, as a cursor, is worth nothing in another. */
  get session(): Session {
    return this.#current.value;
  }

  /** False as long as what is known of the server is only remembered. */
  get isConfirmed(): boolean {
    return this.#current.isConfirmed;
  }

  /** Resolves when the server has said again what it is. @throws SluiceError */
  confirm(): Promise<void> {
    return this.#current.confirm();
  }

  get info(): ServerInfo {
    return this.session.info;
  }

  get revision(): Revision {
    return this.session.revision;
  }

  /** Runs what somebody waits for, so that what the server asks meanwhile is known to belong to it. */
  runCall<T>(body: (call: RunningCall) => Promise<T>): Promise<T> {
    return this.#options.rpc.calls.run(body);
  }

  warn(message: string): void {
    this.#options.rpc.warn(message);
  }

  /** One request. @throws SluiceError */
  send(method: string, params: Readonly<Record<string, unknown>>, options: Options): Promise<RpcAnswer> {
    const { rpc, timeout } = this.#options;
    const { call = new CallLog() } = options;
    if (CHANGING.test(method)) this.#asked++;
    const rpcOptions = { ...options, call, timeout: options.timeout ?? timeout };
    const { signal, session, repeatable, stream } = options;
    return this.#current.run(
      (spoken) => rpc.request(spoken, method, this.#withMeta(params, options, spoken), rpcOptions),
      { method, signal, session, repeatable, isStream: stream !== undefined },
    );
  }

  /** A notification of our own. @throws SluiceError */
  notify(method: string): Promise<void> {
    return this.#options.rpc.notify(this.session, method);
  }

  /**
   * A request, made again with what its results ask for until one is complete (2026-07-28, Multi Round-Trip Requests).
   * @returns the last answer; `asked` where any of them asked
   * @throws SluiceError
   */
  async complete(
    method: string,
    params: Readonly<Record<string, unknown>>,
    options: Options & Pick<RequestOptions, 'call'>,
  ): Promise<RpcAnswer> {
    if (options.running === undefined)
      return this.runCall((running) => this.complete(method, params, { ...options, running }));
    const resultTypes = ['input_required', ...(options.resultTypes ?? [])];
    let next = params;
    let asked = false;
    for (let round = 0; ; round++) {
      let answered: RpcAnswer | undefined;
      try {
        answered = await this.send(method, next, { ...options, resultTypes });
      } catch (error) {
        await this.#satisfy(error, options);
      }
      asked ||= answered?.asked ?? true;
      if (answered !== undefined && answered.result['resultType'] !== 'input_required')
        return { ...answered, asked };
      if (round === MAX_ROUNDS) throw tooManyRounds();
      if (answered === undefined) continue;
      asked = true;
      next = { ...params, ...(await this.respondTo(answered.result, options.signal)) };
    }
  }

  /** What the user, the model and the workspace answer to the `inputRequests` of a result. @throws SluiceError */
  respondTo(result: Readonly<Record<string, unknown>>, signal: AbortSignal = NEVER): Promise<InputResponses> {
    const { features } = this.#options.rpc.identity;
    return untilAborted(respondToInputRequests(result, features, this.revision, signal), signal);
  }

  /** Calls back for each notification of a method, on whatever stream it comes. Returns a function that ends it. */
  onNotification(method: string, listener: (notification: JsonRpcNotification) => void): () => void {
    const listeners = this.#listeners.get(method) ?? new Set();
    this.#listeners.set(method, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /**
   * As `onNotification`, of what changed on the server, and is asked for again for that: no more often than is of use.
   * @param ofWhat what changed, where there are several of a method
   */
  onChange(
    method: string,
    listener: (notification: JsonRpcNotification) => void,
    ofWhat: (notification: JsonRpcNotification) => string = () => '',
  ): void {
    this.onNotification(method, (notification) =>
      this.#changes.told(`${method} ${ofWhat(notification)}`.trim(), () => listener(notification)),
    );
  }

  /** Nobody listens any more. */
  close(): void {
    this.#changes.close();
  }

  /** A new session was started in place of one that the server lost: what was known of the server may be old. */
  onRenewed(listener: () => void): void {
    this.#onRenewed.add(listener);
  }

  /** What is known of the server may be old: a new session, or a time in which changes were not told. */
  onOutdated(listener: () => void): void {
    this.#onOutdated.add(listener);
  }

  /** Changes may have gone untold. */
  outdated(): void {
    for (const listener of this.#onOutdated) listener();
  }

  /** A notification has come. */
  notified(notification: JsonRpcNotification): void {
    const { method } = notification;
    for (const listener of this.#listeners.get(method) ?? [])
      try {
        listener(notification);
      } catch (error) {
        // Below, it would be taken for a failure of the connection.
        this.warn(`a listener for ${method} failed: ${reasonOf(error)}`);
      }
  }

  /** Does what an error asks the user for, so that the request may be made again. Throws any other error as it is. */
  async #satisfy(error: unknown, { signal, timeout = this.#options.timeout }: Options): Promise<void> {
    const { rpc, urlElicitations } = this.#options;
    const { features } = rpc.identity;
    const needsUser = isSluiceError(error) && error.rpc?.code === URL_ELICITATION_REQUIRED;
    if (!needsUser || !this.revision.elicitationIds || features.elicit === undefined) throw error;
    await urlElicitations.satisfy(error, features, this.revision, signal ?? NEVER, timeout);
  }

  /** Trace context and log level of one request; the rest of `_meta` is the revision's. */
  #withMeta(
    params: Readonly<Record<string, unknown>>,
    options: Options,
    { revision, info }: Session,
  ): Readonly<Record<string, unknown>> {
    const level = options.logLevel ?? this.logLevel;
    const wantsLogs =
      level !== undefined &&
      // Log messages never come on a subscription.
      options.stream === undefined &&
      revision.logLevel === 'per-request' &&
      offers(info, 'logging');
    if (!wantsLogs && options.traceparent === undefined) return params;
    const logLevel = wantsLogs ? { 'io.modelcontextprotocol/logLevel': level } : {};
    return { ...params, _meta: { ...traceContext(options), ...logLevel } };
  }
}
