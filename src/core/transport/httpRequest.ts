import type { IncomingHttpHeaders } from 'node:http';
import type { SluiceError } from '../errors.ts';
import type { ConnectionPool, Lane } from '../http/connectionPool.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Clock } from '../metrics/clock.ts';
import type { DrainReport, RequestTiming, WireInfo } from '../metrics/requestTiming.ts';
import { compressed, notMcp } from './answerFailure.ts';
import { codingOf, undoing } from './contentCoding.ts';
import { mediaTypeOf } from './contentType.ts';
import { httpFailure } from './httpFailure.ts';
import type { MessageSource } from './messageSource.ts';
import { refusalSource } from './refusal.ts';
import { RequestTime } from './requestTime.ts';
import type { RequestTrace } from './requestTrace.ts';

export interface HttpRequestOptions {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly url: URL;
  /** Asked for at the moment of sending. The cookies that the server has set are added. */
  readonly headers: () => Record<string, string>;
  readonly body?: Buffer | undefined;
  /** The request carries a session id, so that a 404 means that the session is lost. */
  readonly inSession: boolean;
  readonly lane: Lane;
  readonly likeness?: string;
  readonly repeated?: boolean;
  /** When the caller asked, on the clock: an earlier attempt counts as time in the queue. Now where absent. */
  readonly askedAt?: number;
  /** Milliseconds, until `stop()`; without one there is no end. */
  readonly timeout?: number;
  readonly pool: ConnectionPool;
  readonly clock: Clock;
  readonly trace: RequestTrace;
  readonly handlers: HttpRequestHandlers;
}

/** How a response's body is used: its messages are read, it is drained, or it says why the request was refused. */
export type BodyUse = MessageSource | 'drain' | 'refusal';

/** What the owner of a request hears of it. Nothing but `onDrained` is called after `onFailed`. */
export interface HttpRequestHandlers {
  /** It is written. */
  onSent?(): void;
  /** A success; any other status as well, where there is no `onRefused`. */
  onResponse(status: number, mediaType: string): BodyUse;
  /** The status is no success, or the body is a `refusal`: it has been read as far as it says why. */
  onRefused?(error: SluiceError): void;
  /** Its body is compressed in a way that cannot be undone. Where absent, the body is of no interest. */
  onUnreadable?(error: SluiceError): void;
  /** The body is complete, and read. */
  onEnd?(): void;
  /** The connection failed it, or `abort` ended it. */
  onFailed(error: SluiceError): void;
  /** The time is over. @param ms that were waited last */
  onTimeout?(ms: number): void;
  onDrained?(report: DrainReport): void;
}

/**
 * One HTTP request, whatever it carries: its headers, its time, its trace, the status of its response, the coding of its
 * body, its drain, and how all of that is told.
 */
export class HttpRequest {
  status = 0;
  /** Of the response. */
  headers: IncomingHttpHeaders = {};
  /** When something of the response came last, or else when the request was written. */
  heardAt: number | undefined;
  /** When the first byte of the body came. */
  firstByteAt: number | undefined;
  /** Never rejects. */
  readonly drained: Promise<DrainReport>;
  readonly exchange: Exchange;
  readonly #options: HttpRequestOptions;
  readonly #askedAt: number;
  readonly #sent: Record<string, string>;
  readonly #time: RequestTime | undefined;
  #source: MessageSource | undefined;

  constructor(options: HttpRequestOptions) {
    const { method, url, body, pool, clock, trace, timeout, handlers } = options;
    this.#options = options;
    this.#askedAt = options.askedAt ?? clock.now();
    this.#sent = options.headers();
    if (timeout !== undefined) this.#time = new RequestTime(clock, timeout, (ms) => handlers.onTimeout?.(ms));
    const path = `${url.pathname}${url.search}`;
    const headers = pool.cookies.addedTo(this.#sent, path);
    const { promise, resolve } = Promise.withResolvers<DrainReport>();
    this.drained = promise;
    trace.begins({ method, url: url.href, headers, bytes: body?.length ?? 0 });
    // It may be written, or fail, before its owner has it.
    let isMade = false;
    const soon = (tell: () => void) => (isMade ? tell() : queueMicrotask(tell));
    const fail = (error: SluiceError) => {
      trace.failed(error);
      resolve({ outcome: 'closed-by-server', ms: 0, bytes: 0 });
      handlers.onFailed(error);
    };
    this.exchange = pool.dispatch(
      {
        method,
        path,
        headers,
        body,
        likeness: options.likeness,
        repeated: options.repeated,
      },
      {
        onSent: () => {
          this.heardAt = clock.now();
          soon(() => {
            trace.sent();
            handlers.onSent?.();
          });
        },
        onHeaders: (status, responseHeaders) => this.#onHeaders(status, responseHeaders),
        onData: (chunk) => {
          this.heardAt = clock.now();
          this.firstByteAt ??= this.heardAt;
          this.#source?.push(chunk);
        },
        onEnd: () => {
          if (this.#source === undefined) handlers.onEnd?.();
          else this.#source.end(() => handlers.onEnd?.());
        },
        onError: (error) => soon(() => fail(error)),
        onDrained: (report) => {
          trace.drained(report);
          resolve(report);
          handlers.onDrained?.(report);
        },
      },
      options.lane,
    );
    trace.carriedBy(this.exchange);
    isMade = true;
  }

  /** Something of it may have left this machine: there is something to answer. */
  get isSent(): boolean {
    return this.exchange.isSent;
  }

  get isSuccess(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** How its body is read; `none` where it is not, or brings no messages. */
  get body(): MessageSource['body'] {
    return this.#source?.body ?? 'none';
  }

  /** What of the body has begun and not ended. */
  unfinished(): ReturnType<NonNullable<MessageSource['unfinished']>> {
    return this.#source?.unfinished?.();
  }

  /** Milliseconds for which nothing has come, since it was written. */
  get silence(): number {
    return this.heardAt === undefined ? 0 : this.#options.clock.now() - this.heardAt;
  }

  /** Until now. The response may overtake the status of its POST: a phase is never negative. */
  timing(firstByteAt = this.firstByteAt): RequestTiming {
    const { assigned, sent, headers, connectMs } = this.exchange.marks;
    const now = this.#options.clock.now();
    const firstEvent = firstByteAt ?? now;
    // Each mark exists by now; a missing one would make a phase of no length.
    const headersAt = headers ?? firstEvent;
    const sentAt = sent ?? headersAt;
    const assignedAt = assigned ?? sentAt;
    return {
      queued: Math.max(0, assignedAt - this.#askedAt - connectMs),
      connect: connectMs,
      sent: sentAt - assignedAt,
      headers: headersAt - sentAt,
      firstEvent: firstEvent - headersAt,
      response: now - firstEvent,
      total: now - this.#askedAt,
    };
  }

  get wire(): WireInfo {
    const { connection, use, marks } = this.exchange;
    return {
      connection: connection?.id ?? 0,
      origin: use > 1 ? 'reused' : marks.connectMs > 0 ? 'fresh' : 'warm',
      use,
      httpVersion: connection?.httpVersion ?? '1.1',
      status: this.status,
      body: this.body,
    };
  }

  /** Stops its time while a person is asked; what it returns lets it run again, once all holds are gone. */
  hold(): () => void {
    return this.#time?.hold() ?? (() => undefined);
  }

  /** From now on it has so many milliseconds. */
  allow(ms: number): void {
    this.#time?.restart(ms);
  }

  /** Its owner has what it wanted: there is no time-out any more, and no more of the body is read but to drain it. */
  stop(): void {
    this.#time?.stop();
    this.#source?.stop?.();
  }

  /** What is left of the response is drained. */
  release(): void {
    this.exchange.release();
  }

  abort(error: SluiceError): void {
    this.exchange.abort(error);
  }

  /** An error as it is told of this request: of what was never written, the server knows nothing. */
  worded(error: SluiceError): SluiceError {
    return this.isSent ? error : error.but({ delivery: 'not-sent' });
  }

  #onHeaders(status: number, headers: IncomingHttpHeaders): void {
    const { clock, trace, handlers } = this.#options;
    this.status = status;
    this.headers = headers;
    this.heardAt = clock.now();
    trace.response(status, headers);
    if (!this.isSuccess && handlers.onRefused !== undefined) {
      this.#time?.stop();
      this.#source = this.#refusal();
      return;
    }
    const contentEncoding = headers['content-encoding'];
    const coding = codingOf(contentEncoding);
    if (coding.kind === 'unreadable' && handlers.onUnreadable !== undefined)
      return handlers.onUnreadable(compressed(coding.name));
    const use = handlers.onResponse(status, mediaTypeOf(headers['content-type'] ?? ''));
    if (use === 'drain') return this.release();
    if (use === 'refusal') this.#source = this.#refusal();
    else if (coding.kind !== 'compressed') this.#source = use;
    else
      this.#source = undoing(coding.undo, use, (problem) =>
        handlers.onUnreadable?.(compressed(contentEncoding ?? '', problem)),
      );
  }

  #refusal(): MessageSource {
    const { clock, trace, handlers } = this.#options;
    return refusalSource(
      clock,
      this.headers['content-encoding'],
      (body) => {
        handlers.onRefused?.(this.#refused(body));
        this.release();
      },
      (text) => trace.body(text),
    );
  }

  #refused(body: string): SluiceError {
    const { url, inSession, clock, pool } = this.#options;
    const { status, headers } = this;
    if (this.isSuccess) return notMcp(status, headers['content-type'] ?? '', body);
    const { headers: headersAt, sent: sentAt } = this.exchange.marks;
    return httpFailure({
      status,
      headers,
      body,
      inSession,
      url,
      sent: this.#sent,
      via: pool.via,
      now: clock.wallTime(),
      waited: headersAt === undefined || sentAt === undefined ? 0 : headersAt - sentAt,
    });
  }
}
