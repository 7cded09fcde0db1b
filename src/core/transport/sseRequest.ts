import type { IncomingHttpHeaders } from 'node:http';
import type { SluiceError } from '../errors.ts';
import type { ConnectionPool } from '../http/connectionPool.ts';
import type { Exchange } from '../http/exchange.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import type { JsonRpcErrorResponse, JsonRpcRequest, JsonRpcResult, Received } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import type { DrainReport, RequestTiming } from '../metrics/requestTiming.ts';
import { cancelled, timedOut } from './answerFailure.ts';
import { codingOf, undoing } from './contentCoding.ts';
import { mediaTypeOf } from './contentType.ts';
import { httpFailure } from './httpFailure.ts';
import type { MessageBounds } from './messageBounds.ts';
import { jsonSource, type MessageSource, sseSource } from './messageSource.ts';
import { refusalSource } from './refusal.ts';
import type { Reply } from './reply.ts';
import { RequestTime } from './requestTime.ts';
import type { RequestTrace } from './requestTrace.ts';
import { StrayError } from './strayError.ts';

export interface SseRequestOptions {
  readonly request: JsonRpcRequest;
  readonly url: URL;
  readonly headers: Record<string, string>;
  /** Of the stream that brings the response. */
  readonly streamHeaders: IncomingHttpHeaders;
  readonly pool: ConnectionPool;
  readonly clock: Clock;
  readonly trace: RequestTrace;
  /** Of each message in the answer to the POST. */
  readonly bounds: MessageBounds;
  /** Gets what comes in the answer to the POST: some servers give the response there, and not on the stream. */
  readonly onMessage: (received: Received) => void;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /** Tells the server. */
  readonly onCancel: (reason: string) => void;
}

/** One POST with a JSON-RPC request in it, whose response comes on the one stream of HTTP+SSE. It settles once. */
export class SseRequest {
  readonly #options: SseRequestOptions;
  readonly #askedAt: number;
  #exchange!: Exchange;
  #source: MessageSource | undefined;
  #status = 0;
  #settled = false;
  readonly #stray: StrayError;
  #time: RequestTime | undefined;
  #resolve!: (reply: Reply) => void;
  #reject!: (error: SluiceError) => void;
  readonly #drained = Promise.withResolvers<DrainReport>();
  readonly #onAbort = () => this.callOff(cancelled(this.#options.request, this.#options.signal?.reason));

  constructor(options: SseRequestOptions) {
    this.#options = options;
    this.#askedAt = options.clock.now();
    this.#stray = new StrayError(options.clock, (error) => {
      const id =
        error.id === undefined ? 'without an id' : `with the id ${excerpt(error.id)}, which nobody asked,`;
      options.trace.warn(`an error ${id} is taken for the answer to ${options.request.method}`);
      this.answer(error);
    });
  }

  run(body: Buffer): Promise<Reply> {
    const { request, url, headers, pool, clock, timeout, signal, trace } = this.#options;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      if (signal?.aborted === true)
        return this.#fail(cancelled(request, signal.reason).but({ delivery: 'not-sent' }));
      signal?.addEventListener('abort', this.#onAbort, { once: true });
      this.#time = new RequestTime(clock, timeout, (ms) => this.#timeOut(ms));
      const path = `${url.pathname}${url.search}`;
      const sent = pool.cookies.addedTo(headers, path);
      trace.request('POST', url.href, sent, body.length);
      this.#exchange = pool.dispatch(
        { method: 'POST', path, headers: sent, body },
        {
          onHeaders: (status, responseHeaders) => this.#onHeaders(status, responseHeaders),
          onData: (chunk) => this.#source?.push(chunk),
          onEnd: () => this.#source?.end(),
          onError: (error) => {
            trace.failed(this.#exchange, error);
            this.#drained.resolve({ outcome: 'closed-by-server', ms: 0, bytes: 0 });
            this.#fail(error);
          },
          onDrained: (report) => {
            trace.drained(this.#exchange, report);
            this.#drained.resolve(report);
          },
        },
      );
    });
  }

  /** Something of it may have left this machine: there is something to answer. */
  get isSent(): boolean {
    return this.#exchange.isSent;
  }

  /** The stream brought the message that answers it. */
  answer(message: JsonRpcResult | JsonRpcErrorResponse): void {
    if (this.#settled) return;
    this.#settle();
    const { connection, use, marks } = this.#exchange;
    this.#resolve({
      message,
      headers: this.#options.streamHeaders,
      timing: this.#timing(),
      wire: {
        connection: connection?.id ?? 0,
        origin: use > 1 ? 'reused' : marks.connectMs > 0 ? 'fresh' : 'warm',
        use,
        httpVersion: connection?.httpVersion ?? '1.1',
        status: 200,
        body: 'sse',
      },
      drained: this.#drained.promise,
    });
    this.#exchange.answeredElsewhere();
  }

  /** An error that may be meant for it. @returns whether it is taken for its answer, unless the response comes soon */
  takeStray(error: JsonRpcErrorResponse): boolean {
    return !this.#settled && this.#stray.take(error);
  }

  #fail(error: SluiceError): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error);
  }

  /** Stops its time while a person is asked; what it returns lets it run again, once all holds are gone. */
  hold(): () => void {
    return this.#time?.hold() ?? (() => undefined);
  }

  #timeOut(ms: number): void {
    if (this.#stray.due()) return;
    const soFar = {
      marks: this.#exchange.marks,
      status: this.#status,
      events: 0,
      body: 'sse',
      isPlain: false,
      instead: '',
    } as const;
    this.callOff(timedOut(this.#options.request, Math.ceil(ms), soFar));
  }

  #onHeaders(status: number, headers: IncomingHttpHeaders): void {
    const { trace, clock, url, pool, headers: sent } = this.#options;
    this.#status = status;
    trace.response(this.#exchange, status, headers);
    if (status >= 200 && status < 300) {
      this.#source = this.#sourceOf(headers);
      // The status is the answer to the POST; whatever follows it is drained.
      if (this.#source === undefined) this.#exchange.release();
      return;
    }
    const now = clock.wallTime();
    this.#source = refusalSource(
      clock,
      headers['content-encoding'],
      (body) => {
        this.#fail(httpFailure({ status, headers, body, inSession: true, url, sent, via: pool.via, now }));
        this.#exchange.release();
      },
      (text) => trace.body(this.#exchange, text),
    );
  }

  /** Reads a body that may hold the response; undefined where it does not look so. */
  #sourceOf(headers: IncomingHttpHeaders): MessageSource | undefined {
    const { bounds, onMessage, trace } = this.#options;
    const coding = codingOf(headers['content-encoding']);
    const mediaType = mediaTypeOf(headers['content-type'] ?? '');
    const handlers = {
      onMessage: (received: Received, text: string) => {
        // Where the response comes on the stream, a body says what it likes.
        if (received.kind === 'invalid') return;
        trace.message('received', text);
        onMessage(received);
      },
      onOverflow: () => this.#exchange.release(),
    };
    if (coding.kind === 'unreadable') return undefined;
    const source =
      mediaType === 'application/json'
        ? jsonSource({ ...handlers, onBody: (text) => trace.body(this.#exchange, text) }, bounds)
        : mediaType === 'text/event-stream'
          ? sseSource({ ...handlers, onEvent: (event) => trace.event(this.#exchange, event) }, bounds)
          : undefined;
    if (source === undefined || coding.kind === 'plain') return source;
    return undoing(coding.undo, source, () => this.#exchange.release());
  }

  /** Ends it, and the POST with it: what was not sent never is. Without effect once it has settled. */
  callOff(error: SluiceError): void {
    if (this.#settled) return;
    const { isSent } = this.#exchange;
    this.#fail(isSent ? error : error.but({ delivery: 'not-sent' }));
    if (isSent && (error.code === 'cancelled' || error.code === 'request-timeout'))
      this.#options.onCancel(error.message);
    this.#exchange.abort(error);
  }

  #settle(): void {
    this.#settled = true;
    this.#time?.stop();
    this.#stray.end();
    this.#source?.stop?.();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
  }

  /** The response may overtake the status of its POST: a phase is never negative. */
  #timing(): RequestTiming {
    const { assigned, sent, headers, connectMs } = this.#exchange.marks;
    const now = this.#options.clock.now();
    const headersAt = headers ?? now;
    const sentAt = sent ?? headersAt;
    const assignedAt = assigned ?? sentAt;
    return {
      queued: Math.max(0, assignedAt - this.#askedAt - connectMs),
      connect: connectMs,
      sent: sentAt - assignedAt,
      headers: headersAt - sentAt,
      firstEvent: now - headersAt,
      response: 0,
      total: now - this.#askedAt,
    };
  }
}
