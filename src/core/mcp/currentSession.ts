import { isDeepStrictEqual } from 'node:util';
import { untilAborted } from '../async/untilAborted.ts';
import { type Delivery, isSluiceError, reasonOf, type SluiceError } from '../errors.ts';
import { CallLog } from '../transport/callLog.ts';
import { isOfLostSession, isSame, mayBeOfAnother, smallestOf } from './refusals.ts';
import type { Rpc, RpcAnswer } from './rpc.ts';
import { anotherSession, type Session } from './session.ts';

export interface CurrentSessionOptions {
  readonly rpc: Rpc;
  readonly session: Session;
  /** It was remembered: whether the server still speaks so is to be found out. */
  readonly isRemembered: boolean;
  /** Negotiates anew, after a session that is over. */
  readonly negotiate: (before: Session) => Promise<Session>;
  /** Milliseconds for each request. */
  readonly timeout: number;
  /** A new session took the place of the one before: what was known of the server may be old. */
  readonly onRenewed: () => void;
}

/** What is to be known of a request before it may be made again in another session. */
export interface InSession {
  readonly method: string;
  readonly signal?: AbortSignal | undefined;
  /** The only session in which it means something; in any other it fails with `session-lost`. */
  readonly session?: Session | undefined;
  readonly repeatable: boolean;
  readonly isStream: boolean;
}

const SESSION_LOST = 'the server no longer knows the session: a new one is started';

/**
 * The session with a server, and its end: the server lost it, or was put in another's place. Then one new session is
 * negotiated for all requests that found that, and what is known not to have run is asked again.
 *
 *     session --`session-lost`, or everything is refused--> lost --negotiated--> session
 *     ^                                                      ^                      |
 *     |                                                      +-- with the next request -- failed
 *     remembered: used by the first call at once, and confirmed beside it
 */
export class CurrentSession {
  readonly #options: CurrentSessionOptions;
  #session: Session;
  #renewing: Promise<void> | undefined;
  #asking: { readonly of: Session; readonly answer: Promise<SluiceError | undefined> } | undefined;
  /** The session is gone, and no new one was to be had so far. */
  #isLost = false;
  #isConfirmed: boolean;
  #hasAnswered = false;

  constructor(options: CurrentSessionOptions) {
    this.#options = options;
    this.#session = options.session;
    this.#isConfirmed = !options.isRemembered;
    this.#listen();
  }

  get value(): Session {
    return this.#session;
  }

  /** Asks in the session that there is, and where the server does not know it, once more in the next. @throws SluiceError */
  async run(attempt: (session: Session) => Promise<RpcAnswer>, asked: InSession): Promise<RpcAnswer> {
    const { method, session, signal } = asked;
    // Without a session, or in the lost one, it would be refused.
    if (this.#isLost) {
      const renewed = untilAborted(this.#renew(this.#session, SESSION_LOST), signal);
      await renewed.catch((error: unknown) => thrown(error, 'not-sent'));
    }
    const spoken = this.#session;
    if (session !== undefined && session !== spoken) throw anotherSession(method);
    this.#listen();
    try {
      const answered = await attempt(spoken);
      this.#hasAnswered = true;
      return answered;
    } catch (error) {
      if (!isSluiceError(error)) throw error;
      // The server refused the session before it looked at the request: it is known not to have run.
      const isLost = error.code === 'session-lost';
      if (!isLost && !mayBeOfAnother(error, spoken.revision)) throw error;
      const again = isLost
        ? this.#renew(spoken, SESSION_LOST).then(() => true)
        : this.#isAnother(error, spoken, asked);
      // Whatever became of the session, of the request the refusal is all that is known.
      const isAgain = await untilAborted(again, signal).catch((failure: unknown) =>
        thrown(failure, error.delivery),
      );
      if (!isAgain) throw error;
      // What it was asked for belongs to the session that is over.
      if (session !== undefined) throw isLost ? error : anotherSession(method);
      return attempt(this.#session);
    }
  }

  /** False as long as the session is only remembered. */
  get isConfirmed(): boolean {
    return this.#isConfirmed;
  }

  /**
   * Resolves when the server has said how it is spoken to, be it as remembered or otherwise.
   * @throws SluiceError where it cannot be found out, and nothing was answered so far
   */
  async confirm(): Promise<void> {
    if (this.#isConfirmed) return;
    const { rpc, negotiate } = this.#options;
    const remembered = this.#session;
    this.#renewing ??= negotiate(remembered)
      .then((session) => this.#confirmed(remembered, session))
      .catch((error: unknown) => {
        if (!this.#hasAnswered) throw error;
        this.#isConfirmed = true;
        rpc.warn(
          `the server is taken for what it was last time, and did not say so again: ${reasonOf(error)}`,
        );
      })
      .finally(() => {
        this.#renewing = undefined;
      });
    await this.#renewing;
  }

  #confirmed(remembered: Session, session: Session): void {
    this.#isConfirmed = true;
    const isAsRemembered =
      session.over === remembered.over && isDeepStrictEqual(session.info, remembered.info);
    if (!isAsRemembered) this.#replace(remembered, session);
  }

  #listen(): void {
    void this.#options.rpc.listen(this.#session);
  }

  /**
   * Whether the server was put in another's place since it was negotiated with, and the request may be made again. Then
   * it refuses everything that is asked as the one before it was asked: the smallest request shows that.
   */
  async #isAnother(
    refusal: SluiceError,
    spoken: Session,
    { repeatable, isStream }: InSession,
  ): Promise<boolean> {
    const ofAll = await this.#refusalOfAll(spoken);
    if (ofAll === undefined) return false;
    try {
      const everything = `the server refuses every request (${refusal.message}): it may be a different server now`;
      await this.#renew(spoken, isOfLostSession(ofAll) ? SESSION_LOST : everything);
    } catch {
      return false;
    }
    // What was asked for was a stream of the revision before.
    if (isStream && this.#session.revision !== spoken.revision) return false;
    // Refused in the same words as what asks for nothing, it was not looked at.
    return repeatable || isSame(refusal, ofAll);
  }

  /** How the server refuses a request that asks for nothing; undefined where it answers. Asked once for all. */
  #refusalOfAll(spoken: Session): Promise<SluiceError | undefined> {
    if (this.#asking?.of === spoken) return this.#asking.answer;
    const { rpc, timeout } = this.#options;
    const { revision } = spoken;
    const answer = rpc
      .request(spoken, smallestOf(revision), {}, { call: new CallLog(), timeout, repeatable: true })
      .then(
        () => undefined,
        (error: unknown) =>
          isSluiceError(error) && (error.code === 'session-lost' || mayBeOfAnother(error, revision))
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
  #renew(spoken: Session, why: string): Promise<void> {
    if (this.#renewing !== undefined) return this.#renewing;
    if (this.#session !== spoken) return Promise.resolve();
    const { rpc, negotiate } = this.#options;
    this.#isLost = true;
    rpc.withdraw();
    spoken.transport.leave();
    rpc.warn(why);
    this.#renewing = negotiate(spoken)
      .then((session) => this.#replace(spoken, session))
      .finally(() => {
        this.#renewing = undefined;
      });
    return this.#renewing;
  }

  #replace(before: Session, session: Session): void {
    const { rpc, onRenewed } = this.#options;
    this.#session = session;
    this.#isLost = false;
    this.#isConfirmed = true;
    const { version } = session.revision;
    if (version !== before.revision.version)
      rpc.warn(`the server speaks ${version} now, and no longer ${before.revision.version}`);
    this.#listen();
    onRenewed();
  }
}

function thrown(error: unknown, delivery: Delivery): never {
  throw isSluiceError(error) ? error.but({ delivery }) : error;
}
