import { SluiceError } from '../errors.ts';
import type { ConnectionPool } from '../http/connectionPool.ts';
import type {
  JsonRpcErrorResponse,
  JsonRpcNotification,
  JsonRpcResult,
  Received,
  RequestId,
} from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import { EventStream, mayOpenLater } from './eventStream.ts';
import { describeExcess, type MessageBounds, settingFor } from './messageBounds.ts';
import type { RequestTrace } from './requestTrace.ts';
import { ResumePoint } from './resumePoint.ts';
import type { Listener } from './transport.ts';

export interface ServerStreamOptions {
  readonly pool: ConnectionPool;
  readonly bounds: MessageBounds;
  readonly clock: Clock;
  readonly url: () => URL;
  readonly headers: () => Record<string, string>;
  readonly inSession: boolean;
  readonly trace: () => RequestTrace;
  readonly listener: Listener;
  /** Takes a response that comes here; false where nobody waits for it. */
  readonly answer: (message: JsonRpcResult | JsonRpcErrorResponse) => boolean;
  /** Hears of what may be about a request under way, as its cancellation. */
  readonly notified: (message: JsonRpcNotification) => void;
  /** Stops the time of a request under way. */
  readonly hold: (id: RequestId) => () => void;
  readonly warn: (message: string) => void;
}

type State =
  /** Not asked for yet, or given up until it is asked for again. */
  | { readonly kind: 'closed' }
  /** Asked for, or open. */
  | { readonly kind: 'open'; readonly stream: EventStream }
  | { readonly kind: 'waiting'; readonly cancel: () => void }
  /** The server has none, or nobody listens any more. */
  | { readonly kind: 'over' };

/** Tries in a row that bring no event. */
const MAX_TRIES = 5;
/** Milliseconds before the first of them, and before the second; each further one waits twice as long. */
const LEAST_PAUSE = 100;
const FIRST_PAUSE = 1_000;
/** Milliseconds that a stream lives at least if it is worth a GET; and the longest pause between those that live less. */
const BRIEF = 1_000;
const MAX_BRIEF_PAUSE = 5_000;
/** Milliseconds after which a stream that ends was no failure, though nothing came on it: proxies cut what is silent, some after 30 s. */
const STEADY = 10_000;
/** Milliseconds in which a server opens its stream, or refuses it: it has nothing to work for. */
const PROMPT = 10_000;

/**
 * The stream on which a server speaks unasked, within one session (2025-11-25, Listening for Messages from the Server).
 *
 *     closed --open()--> open --ended, lost--> waiting, as long as the server wants --> open
 *        ^                |                       |
 *        |                +--405, 404, ... -------+----- close() --> over
 *        +--- too often in a row without an event +
 */
export class ServerStream {
  readonly #options: ServerStreamOptions;
  readonly #point = new ResumePoint();
  readonly #answered = Promise.withResolvers<void>();
  #state: State = { kind: 'closed' };
  #tries = 0;
  /** Streams in a row that brought something and ended at once. */
  #brief = 0;
  /** It was open once, and is not: what was said meanwhile may be lost. */
  #hasGap = false;

  constructor(options: ServerStreamOptions) {
    this.#options = options;
  }

  /** It was said already that a stream does not begin. */
  #isKeptBack = false;

  /** Resolves when the server has answered for the first time, be it with a stream or without. */
  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  /** What is said on it reaches this client, now or in a moment. */
  get isHeard(): boolean {
    return this.#state.kind === 'open' || this.#state.kind === 'waiting';
  }

  open(): void {
    if (this.#state.kind === 'closed') this.#connect();
  }

  close(error: SluiceError): void {
    const state = this.#state;
    this.#answered.resolve();
    this.#state = { kind: 'over' };
    if (state.kind === 'open') state.stream.abort(error);
    if (state.kind === 'waiting') state.cancel();
  }

  #connect(): void {
    const { pool, bounds, clock, url, headers, inSession, trace, listener, warn } = this.#options;
    this.#point.reconnecting();
    const resumes = this.#point.isKnown;
    let openedAt = clock.now();
    let hasEvent = false;
    const cancelKeptBack = clock.schedule(PROMPT, () => {
      if (this.#isKeptBack || this.#state.kind !== 'open') return;
      this.#isKeptBack = true;
      warn(
        `the server has not begun its own stream (GET) in ${PROMPT / 1_000} s, so that its messages there do not arrive: the server, or a proxy that buffers, holds the stream back. Flush the headers at once, with “X-Accel-Buffering: no”, or switch the proxy’s buffering off`,
      );
    });
    const stream: EventStream = new EventStream({
      pool,
      bounds,
      clock,
      url: url(),
      headers: () => ({ ...headers(), ...this.#point.headers }),
      inSession,
      lane: 'stream',
      trace: trace(),
      handlers: {
        onOpen: () => {
          cancelKeptBack();
          openedAt = clock.now();
          this.#answered.resolve();
          // What it missed, a stream that is taken up again brings.
          if (this.#hasGap && !resumes) listener.onGap();
          this.#hasGap = false;
        },
        onEvent: () => {
          this.#tries = 0;
          hasEvent = true;
        },
        onMessage: (received) => this.#onMessage(received),
        isRepeat: (event) => this.#point.isRepeat(event),
        onRetry: (ms) => this.#point.onRetry(ms),
        onId: (id) => this.#point.onId(id),
        onOverflow: (excess) => {
          const setting = settingFor(excess);
          const bound = setting === undefined ? '' : ` (${setting} is ${excess.max})`;
          warn(
            `Sluice stopped reading the server’s own stream: what came on it has ${describeExcess(excess)}${bound}`,
          );
          this.close(
            new SluiceError('too-large', `What the server sent has ${describeExcess(excess)}`, {
              delivery: 'answered',
            }),
          );
        },
        onRefused: (error) => {
          cancelKeptBack();
          this.#answered.resolve();
          this.#refused(error);
        },
        onClosed: (error) => {
          cancelKeptBack();
          this.#answered.resolve();
          if (stream.http.status !== 0) {
            this.#hasGap = true;
            const lived = clock.now() - openedAt;
            if (lived >= STEADY) this.#tries = 0;
            this.#brief = hasEvent && lived < BRIEF ? this.#brief + 1 : 0;
          }
          this.#retryLater(error);
        },
      },
    });
    this.#state = { kind: 'open', stream };
  }

  #onMessage(received: Received): void {
    const { listener, hold, warn, answer } = this.#options;
    switch (received.kind) {
      case 'notification':
        this.#options.notified(received.message);
        return listener.onMessage(received, hold);
      case 'request':
        return listener.onMessage(received, hold);
      case 'result':
      case 'error':
        // "The server MUST NOT send a JSON-RPC response on the stream unless resuming"; some do all the same.
        if (answer(received.message)) return;
        return warn('a response on the server’s own stream was ignored');
      case 'invalid':
        return warn(`a message was ignored, because ${received.problem}`);
    }
  }

  /** "The server MUST either return text/event-stream […], or else return HTTP 405 Method Not Allowed". */
  #refused(error: SluiceError): void {
    const { status = 0 } = error;
    if (mayOpenLater(error)) return this.#retryLater(error);
    this.#state = { kind: 'over' };
    if (status !== 404 && status !== 405 && status !== 501)
      this.#options.warn(`the server refuses a stream of its own: ${error.message}`);
  }

  #retryLater(error: SluiceError | undefined): void {
    if (this.#state.kind === 'over') return;
    if (error?.code === 'closed' || error?.code === 'queue-full') {
      this.#state = { kind: 'over' };
      if (error.code === 'queue-full')
        this.#options.warn(`the server’s own stream is not open in this session: ${error.message}`);
      return;
    }
    if (this.#tries === MAX_TRIES) {
      this.#tries = 0;
      this.#state = { kind: 'closed' };
      const why = error === undefined ? 'it ended' : error.message;
      return this.#options.warn(
        `the server’s own stream brought nothing ${MAX_TRIES + 1} times in a row, and is opened again with the next request: ${why}`,
      );
    }
    const pause =
      this.#tries === 0
        ? Math.min(LEAST_PAUSE * 2 ** Math.max(0, this.#brief - 1), MAX_BRIEF_PAUSE)
        : FIRST_PAUSE * 2 ** (this.#tries - 1);
    this.#tries++;
    const cancel = this.#options.clock.schedule(Math.max(this.#point.retryMs, pause), () => this.#connect());
    this.#state = { kind: 'waiting', cancel };
  }
}
