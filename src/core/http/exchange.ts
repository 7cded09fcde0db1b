import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { SluiceError } from '../errors.ts';
import type { Clock } from '../metrics/clock.ts';
import type { DrainOutcome, DrainReport } from '../metrics/requestTiming.ts';
import type { Connection } from './connection.ts';
import { type DrainBudget, type DrainEvent, judgeDrain, leavesConnectionFit } from './drain.ts';
import { illegalRequest, requestFailure } from './requestFailure.ts';

export interface HttpRequest {
  readonly method: 'POST' | 'GET' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
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
  /** The connection died before a byte was written: another one may carry the request. */
  requeue(exchange: Exchange): void;
  /** The caller has its answer; what is left of the response is being drained. */
  draining(exchange: Exchange): void;
  /** @param fit whether the connection may carry another request */
  ended(exchange: Exchange, fit: boolean): void;
}

/** Offsets on the clock; absent until it happened. */
export interface ExchangeMarks {
  asked: number;
  /** The share of the wait in which the connection that carries it was being opened. */
  connectMs: number;
  assigned?: number;
  sent?: number;
  headers?: number;
}

type State =
  | 'queued' // in the pool's queue
  | 'assigned' // undici has it, nothing is written
  | 'sent' // written, no answer yet
  | 'body' // the response has begun
  | 'draining' // the caller has its answer
  | 'ended';

/**
 * One HTTP request and its response, from the pool's queue to the end of the drain.
 *
 *     queued --assign--> assigned --written--> sent --headers--> body --release--> draining --+
 *        ^                  |                    |                 |                          v
 *        +---- requeue -----+                    +--- error, end, abort --------------------> ended
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly request: HttpRequest;
  readonly marks: ExchangeMarks;
  connection: Connection | undefined;
  /** Connections that were lost under it before a byte was written. */
  moves = 0;
  /** Uses of the connection, this one included; 0 until there is one. */
  use = 0;
  readonly #handler: ExchangeHandler;
  readonly #owner: ExchangeOwner;
  readonly #clock: Clock;
  readonly #budget: DrainBudget;
  #state: State = 'queued';
  #controller: Dispatcher.DispatchController | undefined;
  #aborted = false;
  #releasedAt = 0;
  #tailBytes = 0;
  #prompt = true;
  #cancelDrainTimer: (() => void) | undefined;

  constructor(
    request: HttpRequest,
    handler: ExchangeHandler,
    owner: ExchangeOwner,
    { clock, budget }: { clock: Clock; budget: DrainBudget },
  ) {
    this.request = request;
    this.#handler = handler;
    this.#owner = owner;
    this.#clock = clock;
    this.#budget = budget;
    this.marks = { asked: clock.now(), connectMs: 0 };
  }

  /** Whether a connection may still be assigned to it. */
  get isWaiting(): boolean {
    return this.#state === 'queued';
  }

  get drainingSince(): number | undefined {
    return this.#state === 'draining' ? this.#releasedAt : undefined;
  }

  /** The pool hands it to a connection. */
  assign(connection: Connection): void {
    this.connection = connection;
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
    const { method, path, headers, body } = this.request;
    connection.dispatch({ method, path, headers, body: body ?? null }, this);
  }

  /** The caller has its answer: what is left is read within the drain's budgets. Without effect after the end. */
  release(): void {
    if (this.#state !== 'body') return;
    this.#state = 'draining';
    this.#releasedAt = this.#clock.now();
    // A prompt server ends the stream in the read that brought the response: then no timer is ever made.
    queueMicrotask(() => {
      this.#prompt = false;
      if (this.#state !== 'draining') return;
      this.#owner.draining(this);
      if (this.#state !== 'draining') return;
      this.#cancelDrainTimer = this.#clock.schedule(this.#budget.timeout, () => this.cutDrain());
    });
  }

  /** Ends a drain that took too long, or whose connection has to make room. */
  cutDrain(): void {
    if (this.#state === 'draining') this.#judge({ kind: 'timeout' });
  }

  /**
   * Ends the exchange; the handler gets `error` before this returns, unless it has its answer already.
   * On HTTP/1.1 that closes the connection: there is no other way to stop a response.
   */
  abort(error: SluiceError): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'draining') return this.#judge({ kind: 'aborted' });
    const delivery = this.#state === 'queued' || this.#state === 'assigned' ? 'not-sent' : error.delivery;
    this.#end(false);
    this.#handler.onError(error.with({ delivery }));
  }

  // What undici calls, in this order.

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#aborted) controller.abort(new Error('aborted before it was written'));
    else this.#state = 'sent';
  }

  onRequestSent(): void {
    this.marks.sent = this.#clock.now();
    this.#handler.onSent?.();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200 || this.#state !== 'sent') return;
    this.#state = 'body';
    this.marks.headers = this.#clock.now();
    this.#handler.onHeaders(status, headers);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#state === 'draining') {
      this.#tailBytes += chunk.length;
      this.#handler.onData(chunk);
      this.#judge({ kind: 'bytes' });
    } else if (this.#state === 'body') this.#handler.onData(chunk);
  }

  onResponseEnd(): void {
    if (this.#state === 'draining') return this.#judge({ kind: 'end' });
    if (this.#state !== 'body') return;
    this.#releasedAt = this.#clock.now();
    this.#finishAfterUndici('reused');
    this.#handler.onEnd();
  }

  onResponseError(_: unknown, cause: Error): void {
    switch (this.#state) {
      case 'ended':
        return;
      case 'draining':
        return this.#judge({ kind: 'closed' });
      case 'queued':
      case 'assigned':
        // undici looks at the request before it takes it; no other connection would like it better.
        if ((cause as NodeJS.ErrnoException).code === 'UND_ERR_INVALID_ARG') {
          this.#end(false);
          return this.#handler.onError(illegalRequest(cause));
        }
        this.#state = 'queued';
        this.connection = undefined;
        return this.#owner.requeue(this);
      case 'sent':
      case 'body': {
        const error = requestFailure(cause, this.#state === 'body');
        this.#end(false);
        return this.#handler.onError(error);
      }
    }
  }

  /** The pool could give it no connection. */
  fail(error: SluiceError): void {
    if (this.#state !== 'queued') return;
    this.#end(false);
    this.#handler.onError(error);
  }

  #judge(event: DrainEvent): void {
    const outcome = judgeDrain(event, this.#tailBytes, this.#prompt, this.#budget);
    if (outcome === undefined) return;
    if (leavesConnectionFit(outcome)) return this.#finishAfterUndici(outcome);
    this.#end(false);
    this.#report(outcome);
  }

  /** undici closes the socket after its end callback where the server will not keep it: look only then. */
  #finishAfterUndici(outcome: DrainOutcome): void {
    this.#state = 'ended';
    this.#cancelDrainTimer?.();
    queueMicrotask(() => {
      const fit = this.connection?.usable === true;
      this.#owner.ended(this, fit);
      this.#report(fit ? outcome : 'closed-by-server');
    });
  }

  #end(fit: boolean): void {
    const wasQueued = this.#state === 'queued';
    this.#state = 'ended';
    this.#cancelDrainTimer?.();
    this.#aborted = true;
    this.#controller?.abort(new SluiceError('closed', 'the exchange has ended'));
    if (!wasQueued && !fit) this.connection?.close();
    this.#owner.ended(this, fit);
  }

  #report(outcome: DrainOutcome): void {
    const ms = this.#clock.now() - this.#releasedAt;
    this.#handler.onDrained?.({ outcome, ms, bytes: this.#tailBytes });
  }
}
