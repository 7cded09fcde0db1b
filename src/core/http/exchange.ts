import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { SluiceError } from '../errors.ts';
import type { Clock } from '../metrics/clock.ts';
import type { DrainOutcome, DrainReport } from '../metrics/requestTiming.ts';
import { type Connection, UNPROCESSED } from './connection.ts';
import { type DrainBudget, type DrainEvent, judgeDrain, leavesConnectionFit } from './drain.ts';
import { type KeepAliveHint, keepAliveHintOf } from './keepAliveHint.ts';
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

export function likenessOf({ likeness, method }: HttpRequest): string {
  return likeness ?? method;
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
  /** Its time was up, and since it was written not a byte has come over its connection. */
  unanswered(sentAt: number): void;
  /** A response to a request for `path` has these `Set-Cookie`. */
  setCookies(cookies: readonly string[], path: string): void;
  /** Its answer has begun, with what the server says of keeping the connection. */
  begun(exchange: Exchange, hint: KeepAliveHint): void;
  /**
   * @param fit whether the connection may carry another request
   * @param drain where the caller had its answer: what became of the rest
   */
  ended(exchange: Exchange, fit: boolean, drain?: DrainReport): void;
}

/** Offsets on the clock; absent until it happened. */
export interface ExchangeMarks {
  asked: number;
  /** The share of the wait in which the connection that carries it was being opened. */
  connectMs: number;
  assigned?: number;
  sent?: number;
  headers?: number;
  /** The message that answers it came, or the body ended. */
  answered?: number;
}

type State =
  | 'queued' // in the pool's queue
  | 'assigned' // the connection has it, nothing is written
  | 'sent' // written, no answer yet
  | 'body' // the response has begun
  | 'draining' // the caller has its answer
  | 'ended';

/**
 * Milliseconds that an HTTP/2 stream has to end by itself after the response. Resetting it costs nothing, but a server
 * may take a reset for a cancellation, and most end their streams in the frame behind the last event.
 */
const STREAM_GRACE = 10;

/** Bytes that are read before the pace is asked again: as short events they cost a few milliseconds. */
const SLICE = 8 * 1024;

/**
 * One HTTP request and its response, from the pool's queue to the end of the drain.
 *
 *     queued --assign--> assigned --written--> sent --headers--> body --release--> draining --+
 *        ^                  |                    |                 |                  ^       v
 *        +---- requeue -----+                    +--- error, end, abort --------------|-----> ended
 *                                                +--- answered elsewhere -------------+
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly request: HttpRequest;
  readonly marks: ExchangeMarks;
  connection: Connection | undefined;
  /** Connections that were lost under it before the server took it; and those of them that had served nobody. */
  moves = 0;
  /** Since when one was lost under an earlier attempt, which may have been taken. */
  repeatedAt: number | undefined;
  vainMoves = 0;
  /** Times that the server refused it over a connection that goes on. */
  refusals = 0;
  /** Its answer was no longer wanted when it came: how it ended says nothing about the server. */
  calledOff = false;
  /** Uses of the connection, this one included; 0 until there is one. */
  use = 0;
  /** No other request was on the connection from when it was given to it until the answer. */
  alone = true;
  /** Milliseconds that the connection had rested; `Infinity` where it had never received a byte. */
  rest = Number.POSITIVE_INFINITY;
  /** The longest time without a byte between the response's first byte and its answer, in milliseconds. */
  silence = 0;
  /** Written, and the connection closed without a byte of an answer. */
  unanswered = false;
  readonly #handler: ExchangeHandler;
  readonly #owner: ExchangeOwner;
  readonly #clock: Clock;
  readonly #budget: DrainBudget;
  readonly #pace: Pace;
  /** What has come and is read in a later turn; undefined where nothing waits. */
  #held: Buffer[] | undefined;
  #state: State = 'queued';
  #controller: Dispatcher.DispatchController | undefined;
  #aborted = false;
  #tailBytes = 0;
  #lastByteAt: number | undefined;
  #prompt = true;
  #cancelDrainTimer: (() => void) | undefined;

  constructor(
    request: HttpRequest,
    handler: ExchangeHandler,
    owner: ExchangeOwner,
    { clock, budget, pace }: { clock: Clock; budget: DrainBudget; pace: Pace },
  ) {
    this.request = request;
    this.#handler = handler;
    this.#owner = owner;
    this.#clock = clock;
    this.#budget = budget;
    this.#pace = pace;
    this.marks = { asked: clock.now(), connectMs: 0 };
    if (request.repeated === true) this.repeatedAt = this.marks.asked;
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
    return this.#state === 'draining' ? this.marks.answered : undefined;
  }

  /** The pool hands it to a connection. @param alone that carries nothing else at the moment */
  assign(connection: Connection, alone = true): void {
    this.connection = connection;
    this.alone = alone;
    this.#state = 'assigned';
    const now = this.#clock.now();
    this.marks.assigned = now;
    if (connection.uses === 0) {
      this.marks.connectMs = Math.max(
        0,
        connection.openedAt - Math.max(connection.startedAt, this.marks.asked),
      );
    }
    this.use = connection.uses + 1;
    this.rest = now - connection.restingSince;
    const { method, path, headers, body } = this.request;
    try {
      connection.dispatch({ method, path, headers, body: body ?? null }, this);
    } catch (cause) {
      this.#refused(cause as Error);
    }
  }

  /** The caller has its answer: what is left is read within the drain's budgets. Without effect after the end. */
  release(): void {
    if (this.#state === 'body') this.#drain();
  }

  /** The caller has its answer by another way: this one may come yet, and is drained like the rest of a response. */
  answeredElsewhere(): void {
    if (this.#state !== 'sent') return this.release();
    this.calledOff = true;
    this.#drain();
  }

  #drain(): void {
    this.#state = 'draining';
    this.#answered();
    // A prompt server ends the stream in the read that brought the response: then no timer is ever made.
    queueMicrotask(() => {
      this.#prompt = false;
      if (this.#state !== 'draining') return;
      this.#owner.draining(this);
      if (this.#state !== 'draining') return;
      const { timeout } = this.#budget;
      const isBegun = this.marks.headers !== undefined;
      const ms = this.#multiplexed && isBegun ? Math.min(STREAM_GRACE, timeout) : timeout;
      this.#cancelDrainTimer = this.#clock.schedule(ms, () => this.#judge({ kind: 'timeout' }));
    });
  }

  #answered(): void {
    this.marks.answered = this.#clock.now();
    // Over HTTP/2 the next request may go out before this one is drained.
    this.alone &&= this.connection?.uses === this.use;
    // Where it was answered elsewhere, nothing may have come here.
    if (this.marks.headers !== undefined) this.connection?.received(this.marks.answered);
  }

  /** Ends a drain whose connection has to make room. */
  cutDrain(): void {
    if (this.#state === 'draining') this.#judge({ kind: 'aborted' });
  }

  /**
   * Ends the exchange; the handler gets `error` before this returns, unless it has its answer already.
   * On HTTP/1.1 that closes the connection: there is no other way to stop a response. On HTTP/2 it resets the stream.
   */
  abort(error: SluiceError): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'draining') return this.#judge({ kind: 'aborted' });
    const delivery = this.#state === 'queued' || this.#state === 'assigned' ? 'not-sent' : error.delivery;
    const silent = error.code === 'request-timeout' && this.#state === 'sent';
    this.#end(error);
    if (silent && !this.#multiplexed) this.#owner.unanswered(this.marks.sent ?? this.marks.asked);
    this.#handler.onError(error.but({ delivery }));
  }

  // What undici calls, and Http2Connection as well, in this order.

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#aborted) controller.abort(new Error('aborted before it was written'));
    else this.#state = 'sent';
  }

  onRequestSent(): void {
    this.marks.sent = this.#clock.now();
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
    if (this.#lastByteAt !== undefined) this.silence = now - this.#lastByteAt;
    this.#lastByteAt = now;
    this.marks.headers = now;
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
      this.#tailBytes += chunk.length;
      this.#tell(() => this.#handler.onData(chunk));
      this.#judge({ kind: 'bytes' });
    } else if (this.#state === 'body') {
      const now = this.#clock.now();
      this.silence = Math.max(this.silence, now - (this.#lastByteAt ?? now));
      this.#lastByteAt = now;
      this.#tell(() => this.#handler.onData(chunk));
    }
  }

  onResponseEnd(): void {
    this.#flush();
    if (this.#state === 'draining') return this.#judge({ kind: 'end' });
    if (this.#state !== 'body') return;
    this.#answered();
    this.#finish('reused');
    this.#tell(() => this.#handler.onEnd());
  }

  onResponseError(_: unknown, cause: Error): void {
    this.#flush();
    switch (this.#state) {
      case 'ended':
        return;
      case 'draining':
        return this.#judge({ kind: 'closed' });
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
    this.unanswered = !gotHeaders && error.code === 'connection-lost';
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
      if (this.#state === 'draining') return this.#judge({ kind: 'aborted' });
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
    this.connection = undefined;
    if (connection !== undefined) this.#owner.requeue(this, connection);
  }

  get #multiplexed(): boolean {
    return this.connection?.httpVersion === '2';
  }

  #judge(event: DrainEvent): void {
    const outcome = judgeDrain(event, this.#tailBytes, this.#prompt, this.#budget);
    if (outcome === undefined) return;
    if (leavesConnectionFit(outcome)) return this.#finish(outcome);
    // Over HTTP/2 whatever is left of a stream is reset, and the connection none the worse.
    const over = new SluiceError('closed', 'the exchange has ended', { delivery: 'answered' });
    this.#end(over, this.#multiplexed && outcome !== 'closed-by-server' ? 'reset' : outcome);
  }

  /** undici closes the socket after its end callback where the server will not keep it: look only then. */
  #finish(outcome: DrainOutcome): void {
    this.#state = 'ended';
    this.#cancelDrainTimer?.();
    const report = this.#reportOf(outcome);
    this.connection?.received(this.#clock.now());
    queueMicrotask(() => {
      const fit = this.connection?.usable === true;
      const drain = fit ? report : { ...report, outcome: 'closed-by-server' as const };
      this.#owner.ended(this, fit, drain);
      this.#handler.onDrained?.(drain);
    });
  }

  /**
   * @param reason tells an HTTP/2 connection whether to doubt that anybody is there
   * @param outcome where the caller had its answer already
   */
  #end(reason: Error, outcome?: DrainOutcome): void {
    const { connection } = this;
    this.#state = 'ended';
    this.#held = undefined;
    this.#cancelDrainTimer?.();
    this.#aborted = true;
    this.#controller?.abort(reason);
    const fit = this.#multiplexed && connection?.usable === true;
    if (!this.#multiplexed) connection?.close();
    const drain = outcome === undefined ? undefined : this.#reportOf(outcome);
    this.#owner.ended(this, fit, drain);
    if (drain !== undefined) this.#handler.onDrained?.(drain);
  }

  #reportOf(outcome: DrainOutcome): DrainReport {
    return { outcome, ms: this.#clock.now() - (this.marks.answered ?? 0), bytes: this.#tailBytes };
  }
}

function codeOf(cause: Error): string | undefined {
  return (cause as NodeJS.ErrnoException).code;
}
