import type { IncomingHttpHeaders } from 'node:http';
import type { SluiceError } from '../errors.ts';
import type { ConnectionPool, Lane } from '../http/connectionPool.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Clock } from '../metrics/clock.ts';
import type { DrainReport } from '../metrics/requestTiming.ts';
import { compressed, notMcp } from './answerFailure.ts';
import { codingOf, undoing } from './contentCoding.ts';
import { mediaTypeOf } from './contentType.ts';
import { httpFailure } from './httpFailure.ts';
import type { MessageBounds } from './messageBounds.ts';
import { type MessageHandlers, type MessageSource, sseSource } from './messageSource.ts';
import { refusalSource } from './refusal.ts';
import type { RequestTrace } from './requestTrace.ts';

export interface EventStreamHandlers extends Omit<MessageHandlers, 'onComment' | 'onBody'> {
  /** The server opened the stream. */
  onOpen?(): void;
  /** The server answered with something else; nothing is called after this. */
  onRefused(error: SluiceError): void;
  /** It has ended, or its connection was lost with an error; nothing but `onDrained` is called after this. */
  onClosed(error: SluiceError | undefined): void;
  onDrained?(report: DrainReport): void;
}

export interface EventStreamOptions {
  readonly pool: ConnectionPool;
  readonly bounds: MessageBounds;
  readonly clock: Clock;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly inSession: boolean;
  readonly lane: Lane;
  readonly trace: RequestTrace;
  readonly handlers: EventStreamHandlers;
}

/** One GET that asks for an event stream, and what comes on it. */
export class EventStream {
  readonly #options: EventStreamOptions;
  #exchange!: Exchange;
  #source: MessageSource | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #isOver = false;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    const { pool, url, headers, lane, trace, handlers } = options;
    const path = `${url.pathname}${url.search}`;
    const sent = pool.cookies.addedTo(headers, path);
    trace.request('GET', url.href, sent, 0);
    this.#exchange = pool.dispatch(
      { method: 'GET', path, headers: sent },
      {
        onHeaders: (status, responseHeaders) => this.#onHeaders(status, responseHeaders),
        onData: (chunk) => this.#source?.push(chunk),
        onEnd: () => {
          if (this.#source === undefined) this.#close(undefined);
          else this.#source.end(() => this.#close(undefined));
        },
        onError: (error) => {
          trace.failed(this.#exchange, error);
          // Some failures come before the constructor returns.
          queueMicrotask(() => this.#close(error));
        },
        onDrained: (report) => {
          trace.drained(this.#exchange, report);
          handlers.onDrained?.(report);
        },
      },
      lane,
    );
  }

  get exchange(): Exchange {
    return this.#exchange;
  }

  get status(): number {
    return this.#status;
  }

  get headers(): IncomingHttpHeaders {
    return this.#headers;
  }

  /** Ends it; no handler but `onDrained` is called any more. */
  abort(error: SluiceError): void {
    this.#isOver = true;
    this.#source?.stop?.();
    this.#exchange.abort(error);
  }

  #onHeaders(status: number, headers: IncomingHttpHeaders): void {
    const { trace, handlers, clock, bounds } = this.#options;
    const exchange = this.#exchange;
    this.#status = status;
    this.#headers = headers;
    trace.response(exchange, status, headers);
    const contentType = headers['content-type'] ?? '';
    const contentEncoding = headers['content-encoding'];
    if (status === 200 && mediaTypeOf(contentType) === 'text/event-stream') {
      const coding = codingOf(contentEncoding);
      if (coding.kind === 'unreadable') return this.#refuse(compressed(coding.name));
      const source = sseSource(
        {
          ...handlers,
          onEvent: (event) => {
            trace.event(exchange, event);
            handlers.onEvent?.(event);
          },
          onMessage: (received, text) => {
            trace.message('received', text);
            handlers.onMessage(received, text);
          },
          onComment: (comment) => trace.comment(exchange, comment),
          onRetry: (ms) => {
            trace.retry(exchange, ms);
            handlers.onRetry?.(ms);
          },
        },
        bounds,
      );
      this.#source =
        coding.kind === 'plain'
          ? source
          : undoing(coding.undo, source, (problem) => {
              const error = compressed(contentEncoding ?? '', problem);
              this.#close(error);
              exchange.abort(error);
            });
      handlers.onOpen?.();
      return;
    }
    const now = clock.wallTime();
    this.#source = refusalSource(
      clock,
      contentEncoding,
      (body) => {
        const { url, inSession, pool, headers: sent } = this.#options;
        const isSuccess = status >= 200 && status < 300;
        this.#refuse(
          isSuccess
            ? notMcp(status, contentType, body)
            : httpFailure({ status, headers, body, inSession, url, sent, via: pool.via, now }),
        );
      },
      (text) => trace.body(exchange, text),
    );
  }

  #refuse(error: SluiceError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#exchange.release();
    this.#options.handlers.onRefused(error);
  }

  #close(error: SluiceError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#source?.stop?.();
    this.#options.handlers.onClosed(error);
  }
}

/** Whether a stream that was refused may be had later: the server has not noticed that the last one broke off, or is busy. */
export function mayOpenLater({ status = 0 }: SluiceError): boolean {
  return status === 409 || status === 429 || (status >= 500 && status !== 501);
}
