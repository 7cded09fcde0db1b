import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { SluiceError } from '../errors.ts';
import type { Clock } from '../metrics/clock.ts';
import type { DrainOutcome, DrainReport } from '../metrics/requestTiming.ts';
import { type Connection, UNPROCESSED } from './connection.ts';
import { Drain, type DrainBudget, type DrainEvent, leavesConnectionFit } from './drain.ts';
import { type KeepAliveHint, keepAliveHintOf } from './keepAliveHint.ts';
import { type ExchangeMarks, type Growing, nothingSeen, type Observation } from './observation.ts';
import type { Pace } from './pace.ts';
import { illegalRequest, refusedByDispatcher, requestFailure, unhandledAnswer } from './requestFailure.ts';
import { oneTextEach } from './responseHeaders.ts';

export interface HttpRequest {
  readonly method: 'POST' | 'GET' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
  /** What is asked, so that what is learnt of its answers compares like with like. */
  readonly likeness?: string | undefined;
  /** It was lost with its connection once, and may be sent again: one that has carried nothing is to take it. */
  readonly repeated?: boolean | undefined;
}

/** What the room above hears of its request. Nothing is called after `onError`, or after `onDrained`. */
export interface ExchangeHandler {
  onSent?(): void;
  onHeaders(status: number, headers: IncomingHttpHeaders): void;
  /** Also after `release`: what comes in the tail is delivered, not dropped. */
  onData(chunk: Buffer): void;
  /** The body ended before `release`. */
  onEnd(): void;
  /** At most once, and never after `release`. */
  onError(error: SluiceError): void;
  /** Once, after `release` or `onEnd`. */
  onDrained?(report: DrainReport): void;
}

/** How an exchange gives its connection back to the pool that lent it. */
export interface ExchangeOwner {
  /** The server has not processed the request, and never will where `lost` had it: another connection may carry it. */
  requeue(exchange: Exchange, lost: Connection): void;
  /** The caller has its answer; what is left of the response is being drained. */
  draining(exchange: Exchange): void;
  /** Its time was up, and since it was written not a byte has come over its connection, which does not check that itself. */
  silent(sentAt: number): void;
  /** A response to a request for `path` has these `Set-Cookie`. */
  setCookies(cookies: readonly string[], path: string): void;
  /** Its answer has begun, with what the server says of keeping the connection. */
  begun(exchange: Exchange, hint: KeepAliveHint): void;
  /** Once, whatever its end. */
  ended(exchange: Exchange, seen: Observation): void;
}

/** What is the same for all exchanges of a pool. */
export interface ExchangeTerms {
  readonly clock: Clock;
  readonly budget: DrainBudget;
  readonly pace: Pace;
}

type State =
  | 'queued' // in the pool's queue
  | 'assigned' // the connection has it, nothing is written
  | 'sent' // written, no answer yet
  | 'body' // the response has begun
  | 'draining' // the caller has its answer
  | 'ended';

/** Bytes that are read before the pace is asked again: as short events they cost a few milliseconds. */
const SLICE = 8 * 1024;

/** The answer came with the end of the body: nothing is left to drain. */
const NOTHING_LEFT: DrainReport = { outcome: 'reused', ms: 0, bytes: 0 };

/**
 * One HTTP request and its response, from the pool's queue to the end of the drain.
 *
 *                                           +--answered on another stream--+
 *                                           |                              v
 *     queued --assign--> assigned --written--> sent --headers--> body --release--> draining --+
 *        ^                  |                    |                 |                          v
 *        +---- requeue -----+--- unprocessed ----+--- error, end, abort --------------------> ended
 *
 * Up to `assigned` nothing was written: if the connection dies there, another one carries it, and nobody notices. From
 * `sent` on it is not known whether the server got it; but over HTTP/2 a server may say that it has not processed it.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly request: HttpRequest;
  /** What there is to tell of it at its end. */
  readonly #seen: Growing<Observation>;
  readonly #marks: Growing<ExchangeMarks>;
  readonly #handler: ExchangeHandler;
  readonly #owner: ExchangeOwner;
  readonly #clock: Clock;
  readonly #budget: DrainBudget;
  readonly #pace: Pace;
  #state: State = 'queued';
  #controller: Dispatcher.DispatchController | undefined;
  #isAborted = false;
  /** What has come and is read in a later turn; undefined where nothing waits. */
  #held: Buffer[] | undefined;
  #lastByteAt: number | undefined;
  #drain: Drain | undefined;

  constructor(
    request: HttpRequest,
    handler: ExchangeHandler,
    owner: ExchangeOwner,
    { clock, budget, pace }: ExchangeTerms,
  ) {
    this.request = request;
    this.#handler = handler;
    this.#owner = owner;
    this.#clock = clock;
    this.#budget = budget;
    this.#pace = pace;
    this.#marks = { asked: clock.now(), connectMs: 0 };
    this.#seen = nothingSeen(request.likeness ?? request.method, this.#marks);
  }

  get marks(): ExchangeMarks {
    return this.#marks;
  }

  /** What was asked, for comparing like with like. */
  get likeness(): string {
    return this.#seen.likeness;
  }

  /** The one that carries it, or did; undefined until there is one. */
  get connection(): Connection | undefined {
    return this.#seen.connection;
  }

  /** Uses of the connection, this one included; 0 until there is one. */
  get use(): number {
    return this.#seen.use;
  }

  /** Its answer is not wanted any more: it came another way, or the caller left. */
  get isCalledOff(): boolean {
    return this.#seen.isCalledOff;
  }

  /** Whether a connection may still be assigned to it. */
  get isWaiting(): boolean {
    return this.#state === 'queued';
  }

  /** A connection has it, and nothing is written yet. */
  get isAssigned(): boolean {
    return this.#state === 'assigned';
  }

  /** Something of it may have left this machine. */
  get isSent(): boolean {
    return this.#state !== 'queued' && this.#state !== 'assigned';
  }

  get drainingSince(): number | undefined {
    return this.#state === 'draining' ? this.#marks.answered : undefined;
  }

  /** The pool hands it to a connection. @param alone that carries nothing else at the moment */
  assign(connection: Connection, alone = true): void {
    const now = this.#clock.now();
    const { asked } = this.#marks;
    this.#state = 'assigned';
    this.#marks.assigned = now;
    if (connection.uses === 0)
      this.#marks.connectMs = Math.max(0, connection.openedAt - Math.max(connection.startedAt, asked));
    this.#seen.connection = connection;
    this.#seen.use = connection.uses + 1;
    this.#seen.rest = now - connection.restingSince;
    this.#seen.isAlone = alone;
    const { method, path, headers, body } = this.request;
    try {
      connection.dispatch({ method, path, headers, body: body ?? null }, this);
    } catch (cause) {
      this.#refused(cause as Error);
    }
  }

  /** The caller has its answer: what is left is read within the drain's budgets. Without effect after the end. */
  release(): void {
    if (this.#state === 'body') this.#startDrain();
  }

  /**
   * The caller has given up, and the server was told: a response that has begun is drained, and tells nothing of the server.
   * @returns whether it is being drained; otherwise it is still to be aborted
   */
  callOff(): boolean {
    this.#seen.isCalledOff = true;
    this.release();
    return this.#state === 'draining';
  }

  /** The caller has its answer by another way: this one may come yet, and is drained like the rest of a response. */
  answeredElsewhere(): void {
    if (this.#state !== 'sent') return this.release();
    this.#seen.isCalledOff = true;
    this.#startDrain();
  }

  #startDrain(): void {
    this.#state = 'draining';
    const drain = new Drain(this.#budget, this.#clock, this.#answered());
    this.#drain = drain;
    // A prompt server ends the stream in the read that brought the response: then no timer is ever made.
    queueMicrotask(() => {
      drain.outlast();
      if (this.#state !== 'draining') return;
      this.#owner.draining(this);
      if (this.#state !== 'draining') return;
      const isCheap = this.connection?.abortEndsIt === false && this.#marks.headers !== undefined;
      drain.limit(isCheap, () => this.#drained('timeout'));
    });
  }

  /** @returns when that was, on the clock: now */
  #answered(): number {
    const now = this.#clock.now();
    this.#marks.answered = now;
    // On a shared connection the next request may go out before this one is drained.
    this.#seen.isAlone &&= this.connection?.uses === this.use;
    // Where it was answered elsewhere, nothing may have come here.
    if (this.#marks.headers !== undefined) this.connection?.received(now);
    return now;
  }

  /** Ends a drain whose connection has to make room. */
  cutDrain(): void {
    if (this.#state === 'draining') this.#drained('aborted');
  }

  /**
   * Ends the exchange; the handler gets `error` before this returns, unless it has its answer already.
   * Where there is no other way to stop a response, that closes the connection.
   */
  abort(error: SluiceError): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'draining') return this.#drained('aborted');
    const delivery = this.#state === 'queued' || this.#state === 'assigned' ? 'not-sent' : error.delivery;
    const isSilent = error.code === 'request-timeout' && this.#state === 'sent';
    this.#end(error);
    if (isSilent && this.connection?.checksItself === false)
      this.#owner.silent(this.#marks.sent ?? this.#marks.asked);
    this.#handler.onError(error.but({ delivery }));
  }

  // What undici calls, and Http2Connection as well, in this order.

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isAborted) controller.abort(new Error('aborted before it was written'));
    else this.#state = 'sent';
  }

  onRequestSent(): void {
    this.#marks.sent = this.#clock.now();
    this.#tell(() => this.#handler.onSent?.());
  }

  /** The first byte of a head has come, over HTTP/1.1; that of a 1xx as well. */
  onResponseStarted(): void {
    this.#lastByteAt = this.#clock.now();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200 || (this.#state !== 'sent' && this.#state !== 'draining')) return;
    if (this.#state === 'sent') this.#state = 'body';
    const now = this.#clock.now();
    // A head that comes in pieces: the first one may wait to be acknowledged like any other piece.
    if (this.#lastByteAt !== undefined) this.#seen.silence = now - this.#lastByteAt;
    this.#lastByteAt = now;
    this.#marks.headers = now;
    const told = oneTextEach(headers);
    const cookies = told['set-cookie'];
    if (cookies !== undefined) this.#owner.setCookies([cookies].flat(), this.request.path);
    this.#owner.begun(this, keepAliveHintOf(told['keep-alive']));
    this.#tell(() => this.#handler.onHeaders(status, told));
  }

  onResponseData(_: Dispatcher.DispatchController | undefined, chunk: Buffer): void {
    if (this.#held === undefined) this.#read(chunk);
    else this.#held.push(chunk);
  }

  /** As much as this turn has time for. */
  #read(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at += SLICE) {
      if (this.#state === 'ended') return;
      if (!this.#pace.hasTime) return this.#hold(chunk.subarray(at));
      const slice = chunk.length <= SLICE ? chunk : chunk.subarray(at, at + SLICE);
      this.#pace.spend(() => this.#deliver(slice));
    }
  }

  #hold(chunk: Buffer): void {
    this.#held = [chunk];
    this.#controller?.pause();
    this.#pace.later(() => this.#readHeld());
  }

  #readHeld(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const chunk of held) this.onResponseData(undefined, chunk);
    if (this.#held === undefined && this.#state !== 'ended') this.#controller?.resume();
  }

  /** The response is over: what has come of it before is read first. A pause stops all but what had been received. */
  #flush(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const chunk of held) if (this.#state !== 'ended') this.#deliver(chunk);
  }

  #deliver(chunk: Buffer): void {
    if (this.#state === 'draining') {
      const outcome = this.#drain?.judge('bytes', chunk.length);
      this.#tell(() => this.#handler.onData(chunk));
      if (outcome !== undefined) this.#settle(outcome);
    } else if (this.#state === 'body') {
      const now = this.#clock.now();
      this.#seen.silence = Math.max(this.#seen.silence, now - (this.#lastByteAt ?? now));
      this.#lastByteAt = now;
      this.#tell(() => this.#handler.onData(chunk));
    }
  }

  onResponseEnd(): void {
    this.#flush();
    if (this.#state === 'draining') return this.#drained('end');
    if (this.#state !== 'body') return;
    this.#answered();
    this.#finish(NOTHING_LEFT);
    this.#tell(() => this.#handler.onEnd());
  }

  onResponseError(_: unknown, cause: Error): void {
    this.#flush();
    switch (this.#state) {
      case 'ended':
        return;
      case 'draining':
        return this.#drained('closed');
      case 'queued':
      case 'assigned':
        // A connection looks at the request before it takes it; no other one would like it better.
        if (codeOf(cause) === 'UND_ERR_INVALID_ARG') {
          this.#end(cause);
          return this.#handler.onError(illegalRequest(cause));
        }
        return this.connection?.ofDispatcher === true ? this.#refused(cause) : this.#requeue();
      case 'sent':
        // The server refused the stream, or went away before it came to it (RFC 9113, 8.7).
        return codeOf(cause) === UNPROCESSED ? this.#requeue() : this.#lose(cause, false);
      case 'body':
        return this.#lose(cause, true);
    }
  }

  /** The pool could give it no connection. */
  fail(error: SluiceError): void {
    if (this.#state !== 'queued') return;
    const told = error.but({ delivery: 'not-sent' });
    this.#end(told);
    this.#handler.onError(told);
  }

  #lose(cause: Error, gotHeaders: boolean): void {
    const error = requestFailure(cause, gotHeaders);
    this.#seen.isUnanswered = !gotHeaders && error.code === 'connection-lost';
    this.#end(error);
    this.#handler.onError(error);
  }

  /** A caller's dispatcher has sockets and ways of its own to try again: what it gives up is over. */
  #refused(cause: Error): void {
    const error = refusedByDispatcher(cause);
    this.#end(error);
    this.#handler.onError(error);
  }

  /** A handler that throws has a fault of its own: undici would take it for the connection's. */
  #tell(callback: () => void): void {
    const before = this.#state;
    try {
      callback();
    } catch (cause) {
      if (this.#state === 'draining') return this.#drained('aborted');
      // It was ended by the callback, and the handler told so.
      if (this.#state === 'ended' && before !== 'ended') return;
      const error = unhandledAnswer(cause);
      if (before !== 'ended') this.#end(error);
      this.#handler.onError(error);
    }
  }

  #requeue(): void {
    const { connection } = this;
    this.#state = 'queued';
    this.#controller = undefined;
    this.#seen.connection = undefined;
    if (connection !== undefined) this.#owner.requeue(this, connection);
  }

  #drained(event: DrainEvent): void {
    const outcome = this.#drain?.judge(event);
    if (outcome !== undefined) this.#settle(outcome);
  }

  /** Ends the drain, unless it has ended. */
  #settle(outcome: DrainOutcome): void {
    if (this.#state !== 'draining' || this.#drain === undefined) return;
    const report = this.#drain.end(outcome);
    if (leavesConnectionFit(outcome)) {
      this.connection?.received(this.#clock.now());
      return this.#finish(report);
    }
    // Where the others go on, whatever is left is reset, and the connection none the worse.
    const isReset = this.connection?.abortEndsIt === false && outcome !== 'closed-by-server';
    const over = new SluiceError('closed', 'the exchange has ended', { delivery: 'answered' });
    this.#end(over, isReset ? { ...report, outcome: 'reset' } : report);
  }

  /** The body has ended. undici closes the socket after its end callback where the server will not keep it: look only then. */
  #finish(report: DrainReport): void {
    this.#state = 'ended';
    queueMicrotask(() => {
      const isFit = this.connection?.usable === true;
      this.#over(isFit, isFit ? report : { ...report, outcome: 'closed-by-server' });
    });
  }

  /**
   * @param reason tells a connection that checks itself whether to doubt that anybody is there
   * @param drain where the caller had its answer already
   */
  #end(reason: Error, drain?: DrainReport): void {
    const { connection } = this;
    this.#state = 'ended';
    this.#held = undefined;
    this.#isAborted = true;
    this.#controller?.abort(reason);
    if (connection?.abortEndsIt === true) connection.close();
    this.#over(connection?.abortEndsIt === false && connection.usable, drain);
  }

  #over(isFit: boolean, drain: DrainReport | undefined): void {
    this.#seen.isFit = isFit;
    this.#seen.drain = drain;
    this.#owner.ended(this, this.#seen);
    if (drain !== undefined) this.#handler.onDrained?.(drain);
  }
}

function codeOf(cause: Error): string | undefined {
  return (cause as NodeJS.ErrnoException).code;
}
