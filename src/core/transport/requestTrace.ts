import type { IncomingHttpHeaders } from 'node:http';
import type { SluiceError } from '../errors.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Clock } from '../metrics/clock.ts';
import type { DrainReport } from '../metrics/requestTiming.ts';
import type { SseEvent } from '../sse/sseEvents.ts';
import type { Tracer } from '../trace/tracer.ts';

/** What is recorded of one HTTP request, each event with its offset and the connection that carried it. */
export class RequestTrace {
  /** After the response: what comes now is drained. */
  tail = false;
  readonly #tracer: Tracer;
  readonly #clock: Clock;
  readonly #number: number;
  readonly #askedAt: number;

  constructor(tracer: Tracer, clock: Clock, number: number) {
    this.#tracer = tracer;
    this.#clock = clock;
    this.#number = number;
    this.#askedAt = clock.now();
  }

  /** @param kind as the tracer’s */
  warn(message: string, kind?: string): void {
    this.#tracer.warn(message, kind);
  }

  message(direction: 'sent' | 'received', json: string): void {
    // At trace level the event or the body that brought a message has told it already.
    if (!this.#tracer.wants('debug') || (direction === 'received' && this.#tracer.wants('trace'))) return;
    this.#tracer.emit({ kind: 'message', direction, json, request: this.#number, at: this.#at() });
  }

  request(method: string, url: string, headers: Readonly<Record<string, string>>, bytes: number): void {
    if (!this.#tracer.wants('trace')) return;
    this.#tracer.emit({ kind: 'http-request', method, url, headers, bytes, ...this.#on(undefined) });
  }

  response(exchange: Exchange, status: number, headers: IncomingHttpHeaders): void {
    if (!this.#tracer.wants('trace')) return;
    const held = headers as Record<string, string | string[]>;
    this.#tracer.emit({ kind: 'http-response', status, headers: held, ...this.#on(exchange) });
  }

  event(exchange: Exchange, { event, id, data }: SseEvent): void {
    if (!this.#tracer.wants('trace')) return;
    const named = id === undefined ? {} : { id };
    this.#tracer.emit({ kind: 'sse-event', event, ...named, data, tail: this.tail, ...this.#on(exchange) });
  }

  comment(exchange: Exchange, comment: string): void {
    if (!this.#tracer.wants('trace')) return;
    this.#tracer.emit({ kind: 'sse-comment', comment, tail: this.tail, ...this.#on(exchange) });
  }

  retry(exchange: Exchange, ms: number): void {
    if (!this.#tracer.wants('trace')) return;
    this.#tracer.emit({ kind: 'sse-retry', ms, ...this.#on(exchange) });
  }

  body(exchange: Exchange, text: string): void {
    if (!this.#tracer.wants('trace')) return;
    this.#tracer.emit({ kind: 'http-body', text, tail: this.tail, ...this.#on(exchange) });
  }

  failed(exchange: Exchange, error: SluiceError): void {
    if (!this.#tracer.wants('trace')) return;
    this.#tracer.emit({ kind: 'http-end', how: 'error', error: error.message, ...this.#on(exchange) });
  }

  drained(exchange: Exchange, report: DrainReport): void {
    if (!this.#tracer.wants('debug')) return;
    this.#tracer.emit({ kind: 'drain', report, ...this.#on(exchange) });
  }

  #on(exchange: Exchange | undefined) {
    return { request: this.#number, connection: exchange?.connection?.id ?? 0, at: this.#at() };
  }

  #at(): number {
    return this.#clock.now() - this.#askedAt;
  }
}
