import { type Delivery, isSluiceError, SluiceError } from '../errors.ts';
import type { JsonRpcNotification } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import { CallDelivery } from '../transport/callDelivery.ts';
import { Changes } from './changes.ts';
import { type InputResponses, MAX_ROUNDS, respondToInputRequests, tooManyRounds } from './inputRequired.ts';
import type { LogLevel, Progress } from './mcpTypes.ts';
import type { Negotiated } from './negotiation.ts';
import { offers } from './offered.ts';
import type { Revision } from './protocolVersion.ts';
import { isOfLostSession, isSame, mayBeOfAnother, smallestOf } from './refusals.ts';
import { type MetaOptions, traceContext } from './requestMeta.ts';
import type { Answered, Rpc, RpcOptions } from './rpc.ts';
import type { RunningCall } from './runningCalls.ts';
import type { ServerInfo } from './serverInfo.ts';
import { untilAborted } from './untilAborted.ts';
import { URL_ELICITATION_REQUIRED, type UrlElicitations } from './urlElicitations.ts';

export interface RequestOptions extends MetaOptions {
  /** What may take several requests has one for all of them, from the door on. */
  readonly call: CallDelivery;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; those of the settings where absent. */
  readonly timeout?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** The call that it is a part of, where it is of one. */
  readonly running?: RunningCall | undefined;
}

export interface RequestsOptions {
  readonly rpc: Rpc;
  readonly negotiated: Negotiated;
  /** Negotiates anew, from the revision that was spoken, where that is sure. */
  readonly negotiate: (remembered: string | undefined) => Promise<Negotiated>;
  /** Milliseconds. */
  readonly timeout: number;
  readonly clock: Clock;
  readonly urlElicitations: UrlElicitations;
}

/** Of whoever cannot cancel. */
const NEVER = new AbortController().signal;

/** Methods whose results a server may say have changed. */
const CHANGING = /^(?:tools|prompts|resources(?:\/templates)?)\/list$|^resources\/read$/;

type Options = Omit<RequestOptions, 'call'> &
  Pick<RpcOptions, 'parameters' | 'repeatable' | 'stream' | 'resultTypes' | 'onLateAnswer'> & {
    /** The only session in which it means something; in any other it fails with `session-lost`. */
    readonly session?: number | undefined;
    /** Of the call that it belongs to; absent where it is all of it. */
    readonly call?: CallDelivery | undefined;
  };

/**
 * What every feature of the protocol asks through, once the revision is known. A session that the server lost is
 * replaced, and the user is asked what a result requires.
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
  #negotiated: Negotiated;
  #renewing: Promise<void> | undefined;
  #sessions = 1;
  #asking: { readonly of: Negotiated; readonly answer: Promise<SluiceError | undefined> } | undefined;
  /** The session is gone, and no new one was to be had so far. */
  #isLost = false;

  constructor(options: RequestsOptions) {
    this.#options = options;
    this.#negotiated = options.negotiated;
    this.#changes = new Changes(
      options.clock,
      () => this.#asked,
      (what) =>
        this.warn(
          `the server tells ${what} again and again: it is acted upon ever more seldom, once a minute at least`,
        ),
    );
    void options.rpc.listen(this.revision);
  }

  get info(): ServerInfo {
    return this.#negotiated.info;
  }

  get revision(): Revision {
    return this.#negotiated.revision;
  }

  /** Whether the server itself said that this is its era. */
  get isSure(): boolean {
    return this.#negotiated.isSure;
  }

  /** Counts the sessions with the server: what it gave in one, as a cursor, is worth nothing in the next. */
  get session(): number {
    return this.#sessions;
  }

  /** Runs what somebody waits for, so that what the server asks meanwhile is known to belong to it. */
  runCall<T>(body: (call: RunningCall) => Promise<T>): Promise<T> {
    return this.#options.rpc.calls.run(body);
  }

  warn(message: string): void {
    this.#options.rpc.transport.warn(message);
  }

  /** One request. @throws SluiceError */
  async send(method: string, params: Readonly<Record<string, unknown>>, options: Options): Promise<Answered> {
    const { rpc, timeout } = this.#options;
    const { call = new CallDelivery() } = options;
    if (CHANGING.test(method)) this.#asked++;
    const rpcOptions = { ...options, call, timeout: options.timeout ?? timeout };
    const attempt = () => rpc.request(this.revision, method, this.#withMeta(params, options), rpcOptions);
    // Without a session, or in the lost one, it would be refused.
    if (this.#isLost) {
      const renewed = untilAborted(this.#renew(this.#negotiated, SESSION_LOST), options.signal);
      await renewed.catch((error: unknown) => thrown(error, 'not-sent'));
    }
    if (options.session !== undefined && options.session !== this.#sessions) throw anotherSession(method);
    const spoken = this.#negotiated;
    void rpc.listen(this.revision);
    try {
      return await attempt();
    } catch (error) {
      if (!isSluiceError(error)) throw error;
      // The server refused the session before it looked at the request: it is known not to have run.
      const isLost = error.code === 'session-lost';
      if (!isLost && !mayBeOfAnother(error, spoken.revision)) throw error;
      const again = isLost
        ? this.#renew(spoken, SESSION_LOST).then(() => true)
        : this.#isAnother(error, spoken, options);
      // Whatever became of the session, of the request the refusal is all that is known.
      const isAgain = await untilAborted(again, options.signal).catch((failure: unknown) =>
        thrown(failure, error.delivery),
      );
      if (!isAgain) throw error;
      // What it was asked for belongs to the session that is over.
      if (options.session !== undefined) throw isLost ? error : anotherSession(method);
      return attempt();
    }
  }

  /** A notification of our own. @throws SluiceError */
  notify(method: string): Promise<void> {
    return this.#options.rpc.notify(this.revision, method);
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
  ): Promise<Answered> {
    if (options.running === undefined)
      return this.runCall((running) => this.complete(method, params, { ...options, running }));
    const resultTypes = ['input_required', ...(options.resultTypes ?? [])];
    let next = params;
    let asked = false;
    for (let round = 0; ; round++) {
      let answered: Answered | undefined;
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
        this.warn(`whoever listens to ${method} failed: ${String(error)}`);
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
  #withMeta(params: Readonly<Record<string, unknown>>, options: Options): Readonly<Record<string, unknown>> {
    const level = options.logLevel ?? this.logLevel;
    const wantsLogs =
      level !== undefined &&
      // Log messages never come on a subscription.
      options.stream === undefined &&
      this.revision.logLevel === 'per-request' &&
      offers(this.info, 'logging');
    if (!wantsLogs && options.traceparent === undefined) return params;
    const logLevel = wantsLogs ? { 'io.modelcontextprotocol/logLevel': level } : {};
    return { ...params, _meta: { ...traceContext(options), ...logLevel } };
  }

  /**
   * Whether the server was put in another's place since it was negotiated with, and the request may be made again. Then
   * it refuses everything that is asked as the one before it was asked: the smallest request shows that.
   */
  async #isAnother(
    refusal: SluiceError,
    spoken: Negotiated,
    { repeatable, stream }: Options,
  ): Promise<boolean> {
    const ofAll = await this.#refusalOfAll(spoken);
    if (ofAll === undefined) return false;
    try {
      const everything = `the server refuses everything (${refusal.message}): it may be another one`;
      await this.#renew(spoken, isOfLostSession(ofAll) ? SESSION_LOST : everything);
    } catch {
      return false;
    }
    // What was asked for was a stream of the revision before.
    if (stream !== undefined && this.revision !== spoken.revision) return false;
    // Refused in the same words as what asks for nothing, it was not looked at.
    return repeatable || isSame(refusal, ofAll);
  }

  /** How the server refuses a request that asks for nothing; undefined where it answers. Asked once for all. */
  #refusalOfAll(spoken: Negotiated): Promise<SluiceError | undefined> {
    if (this.#asking?.of === spoken) return this.#asking.answer;
    const { rpc, timeout } = this.#options;
    const answer = rpc
      .request(
        spoken.revision,
        smallestOf(spoken.revision),
        {},
        { call: new CallDelivery(), timeout, repeatable: true },
      )
      .then(
        () => undefined,
        (error: unknown) =>
          isSluiceError(error) && (error.code === 'session-lost' || mayBeOfAnother(error, spoken.revision))
            ? error
            : undefined,
      );
    const asking = { of: spoken, answer };
    this.#asking = asking;
    void answer.then((refused) => {
      if (refused === undefined && this.#asking === asking) this.#asking = undefined;
    });
    return answer;
  }

  /** One negotiation for all requests that found the same session lost, or the server another one. */
  #renew(spoken: Negotiated, why: string): Promise<void> {
    const { rpc, negotiate } = this.#options;
    if (this.#renewing !== undefined) return this.#renewing;
    if (this.#negotiated !== spoken) return Promise.resolve();
    this.#isLost = true;
    rpc.withdraw();
    rpc.transport.warn(why);
    this.#renewing = negotiate(this.isSure ? this.revision.version : undefined)
      .then((negotiated) => {
        this.#negotiated = negotiated;
        this.#sessions++;
        this.#isLost = false;
        const { version } = this.revision;
        if (version !== spoken.revision.version)
          rpc.transport.warn(`the server speaks ${version} now, and no longer ${spoken.revision.version}`);
        void rpc.listen(this.revision);
        this.outdated();
        for (const listener of this.#onRenewed) listener();
      })
      .finally(() => {
        this.#renewing = undefined;
      });
    return this.#renewing;
  }
}

const SESSION_LOST = 'the server no longer knows the session: a new one is started';

function thrown(error: unknown, delivery: Delivery): never {
  throw isSluiceError(error) ? error.but({ delivery }) : error;
}

function anotherSession(method: string): SluiceError {
  return new SluiceError('session-lost', `${method} was meant for a session that is over`, {
    delivery: 'not-sent',
  });
}
