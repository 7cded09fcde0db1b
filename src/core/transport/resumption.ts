import { SluiceError } from '../errors.ts';
import type { ConnectionPool } from '../http/connectionPool.ts';
import type { Received } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import type { SseEvent } from '../sse/sseEvents.ts';
import { EventStream, mayOpenLater } from './eventStream.ts';
import type { HttpRequest } from './httpRequest.ts';
import type { Excess, MessageBounds } from './messageBounds.ts';
import type { RequestTrace } from './requestTrace.ts';
import { ResumePoint } from './resumePoint.ts';

/** Milliseconds before a stream is taken up a second time, at least; after tries that failed twice as long each, at most. */
const RESUME_PAUSE = 100;
const MAX_RESUME_PAUSE = 5_000;

/** Milliseconds that a stream lives at least, if taking it up at once is worth a GET. */
const BRIEF = 1_000;

/** What a GET sends that asks for the rest of a stream. */
export interface ResumptionRules {
  readonly headers: () => Record<string, string>;
  readonly trace: () => RequestTrace;
}

export interface ResumptionOptions {
  readonly pool: ConnectionPool;
  readonly bounds: MessageBounds;
  readonly clock: Clock;
  readonly url: URL;
  readonly inSession: boolean;
  /** What is asked, for messages. */
  readonly method: string;
  readonly rules: ResumptionRules;
  readonly handlers: ResumptionHandlers;
}

export interface ResumptionHandlers {
  /** From here on, the answer is to come by this request. */
  onResumed(http: HttpRequest, trace: RequestTrace): void;
  onMessage(received: Received, text: string): void;
  onEvent(event: SseEvent): void;
  onOverflow(excess: Excess): void;
  /** The rest is not to be had, for a reason. */
  onFailed(error: SluiceError): void;
  /** It has ended once more, and there is nothing to resume it from. */
  onEnded(): void;
}

/**
 * The rest of a stream that broke off after an event with an id. "If the client wishes to resume after a disconnection
 * […], it SHOULD issue an HTTP GET to the MCP endpoint, and include the Last-Event-ID header" (2025-11-25, Resumability
 * and Redelivery).
 *
 *     reading --broken off--> between --the server's `retry`--> asked --opened--> reading
 *                                ^                                |
 *                                +-- may open later: longer ------+-- refused --> failed
 */
export class Resumption {
  readonly point = new ResumePoint();
  readonly #options: ResumptionOptions;
  #cancel: () => void = () => undefined;
  /** Tries in a row that failed. */
  #failed = 0;
  /** Streams in a row that ended at once. */
  #brief = 0;
  #isOver = false;

  constructor(options: ResumptionOptions) {
    this.#options = options;
  }

  /**
   * The stream has broken off.
   * @param atLeast milliseconds, where the server's own time is shorter
   * @returns false where there is nothing to resume from
   */
  begin(atLeast = 0): boolean {
    if (this.#isOver || !this.point.isKnown) return false;
    const ms = Math.max(this.point.retryMs, atLeast);
    this.#cancel = this.#options.clock.schedule(ms, () => this.#resume());
    return true;
  }

  /** The request has settled: nothing is taken up any more. */
  end(): void {
    this.#isOver = true;
    this.#cancel();
  }

  #resume(): void {
    const { pool, bounds, clock, url, inSession, rules, handlers } = this.#options;
    const trace = rules.trace();
    this.point.reconnecting();
    let opened = false;
    let openedAt = 0;
    const { http } = new EventStream({
      pool,
      bounds,
      clock,
      url,
      headers: () => ({ ...rules.headers(), ...this.point.headers }),
      inSession,
      // The call is under way already: it does not wait behind others.
      lane: 'aside',
      trace,
      handlers: {
        onOpen: () => {
          opened = true;
          openedAt = clock.now();
          this.#failed = 0;
        },
        onMessage: (received, text) => handlers.onMessage(received, text),
        isRepeat: (event) => this.point.isRepeat(event),
        onOverflow: (excess) => handlers.onOverflow(excess),
        onEvent: (event) => handlers.onEvent(event),
        onRetry: (ms) => this.point.onRetry(ms),
        onId: (id) => this.point.onId(id),
        onRefused: (error) => {
          if (mayOpenLater(error)) this.#beginLater();
          else handlers.onFailed(this.#refused(error));
        },
        onClosed: (error) => {
          if (this.#isOver) return;
          if (error?.code === 'closed') return handlers.onFailed(error.but({ delivery: 'unknown' }));
          if (!opened) return this.#beginLater();
          this.#brief = clock.now() - openedAt < BRIEF ? this.#brief + 1 : 0;
          const pause = Math.min(RESUME_PAUSE * 2 ** Math.max(0, this.#brief - 1), MAX_RESUME_PAUSE);
          if (!this.begin(pause)) handlers.onEnded();
        },
      },
    });
    handlers.onResumed(http, trace);
  }

  #beginLater(): void {
    this.begin(Math.min(RESUME_PAUSE * 2 ** this.#failed++, MAX_RESUME_PAUSE));
  }

  #refused(cause: SluiceError): SluiceError {
    return new SluiceError(
      'stream-ended',
      `The server broke off its answer to ${this.#options.method}, and does not send the rest of it: ${cause.message}`,
      {
        phase: 'stream',
        delivery: 'unknown',
        hint: 'The server may have run it. Its events have ids, so a GET with Last-Event-ID should return the rest.',
        cause,
      },
    );
  }
}
