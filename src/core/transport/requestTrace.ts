import type { IncomingHttpHeaders } from 'node:http';
import type { SluiceError } from '../errors.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Clock } from '../metrics/clock.ts';
import type { DrainReport } from '../metrics/requestTiming.ts';
import type { SseEvent } from '../sse/sseEvents.ts';
import type { TracedError, TraceKind } from '../trace/traceEvent.ts';
import type { Tracer } from '../trace/tracer.ts';
import type { CallLog } from './callLog.ts';

/** What is sent, as the trace shows it. */
export interface TracedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
}

/**
 * What is told of one HTTP request, each event with the call that it is a part of, the connection that carries it, and its
 * offset. The order is that of `TraceEvent`.
 */
export class RequestTrace {
  /** After the response: what comes now is drained. */
  tail = false;
  readonly #tracer: Tracer;
  readonly #clock: Clock;
  readonly #number: number;
  readonly #call: CallLog | undefined;
  readonly #askedAt: number;
  /** Until it is written, where somebody wants to know. */
  #request: TracedRequest | undefined;
  #exchange: Exchange | undefined;
  #isOver = false;

  /** @param call that the request is a part of; absent where it is of none that has an id */
  constructor(tracer: Tracer, clock: Clock, call?: CallLog) {
    this.#tracer = tracer;
    this.#clock = clock;
    this.#number = tracer.numberRequest();
    this.#call = call;
    this.#askedAt = clock.now();
  }

  /** @param kind as the tracer’s */
  warn(message: string, kind?: string): void {
    this.#tracer.warn(message, kind);
  }

  message(direction: 'sent' | 'received', json: string): void {
    if (!this.#tracer.wantsMessage(direction)) return;
    this.#tracer.emit({ ...this.#on(), kind: 'message', direction, json });
  }

  /** It is asked for. */
  begins(request: TracedRequest): void {
    this.#call?.began(this.#number);
    if (this.#wants('http-request')) this.#request = request;
  }

  /** Something carries it, or will. */
  carriedBy(exchange: Exchange): void {
    this.#exchange = exchange;
  }

  /** It is written: on another connection once more, where the first did not process it. */
  sent(): void {
    const request = this.#request;
    this.#request = undefined;
    if (request === undefined) return;
    this.#tracer.emit({ ...this.#on(), kind: 'http-request', ...request });
  }

  response(status: number, headers: IncomingHttpHeaders): void {
    // A server may answer before all of a request is written.
    this.sent();
    if (!this.#wants('http-response')) return;
    const held = headers as Record<string, string | string[]>;
    this.#tracer.emit({ ...this.#on(), kind: 'http-response', status, headers: held });
  }

  event({ event, id, data }: SseEvent): void {
    if (!this.#wants('sse-event')) return;
    const named = id === undefined ? {} : { id };
    this.#tracer.emit({ ...this.#on(), kind: 'sse-event', event, ...named, data, tail: this.tail });
  }

  comment(comment: string): void {
    if (!this.#wants('sse-comment')) return;
    this.#tracer.emit({ ...this.#on(), kind: 'sse-comment', comment, tail: this.tail });
  }

  retry(ms: number): void {
    if (this.#wants('sse-retry')) this.#tracer.emit({ ...this.#on(), kind: 'sse-retry', ms });
  }

  body(text: string): void {
    if (!this.#wants('http-body')) return;
    this.#tracer.emit({ ...this.#on(), kind: 'http-body', text, tail: this.tail });
  }

  failed({ code, message }: SluiceError): void {
    this.sent();
    this.#end({ how: 'error', error: { code, message } });
  }

  drained(report: DrainReport): void {
    if (!this.#isOver && this.#wants('drain')) this.#tracer.emit({ ...this.#on(), kind: 'drain', report });
    this.#end({ how: 'end' });
  }

  /** Once: a handler that throws at the end of a response fails a request that has ended. */
  #end(how: { readonly how: 'end' } | { readonly how: 'error'; readonly error: TracedError }): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#wants('http-end')) this.#tracer.emit({ ...this.#on(), kind: 'http-end', ...how });
  }

  #wants(kind: TraceKind): boolean {
    return this.#tracer.wants(kind);
  }

  // Comes first in each event: an object that begins as another one is made quickly.
  #on() {
    const call = this.#call?.id;
    const at = this.#clock.now() - this.#askedAt;
    const connection = this.#exchange?.connection?.id ?? 0;
    const request = this.#number;
    return call === undefined ? { request, connection, at } : { request, connection, at, call };
  }
}
