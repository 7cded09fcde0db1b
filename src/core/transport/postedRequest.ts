import type { IncomingHttpHeaders } from 'node:http';
import type { SluiceError } from '../errors.ts';
import type { ConnectionPool } from '../http/connectionPool.ts';
import type { Exchange } from '../http/exchange.ts';
import type { JsonRpcErrorResponse, JsonRpcRequest, JsonRpcResult, Received } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import type { DrainReport, RequestTiming } from '../metrics/requestTiming.ts';
import { cancelled, compressed, endedWithoutAnswer, notMcp, timedOut, tooLarge } from './answerFailure.ts';
import { httpFailure } from './httpFailure.ts';
import {
  jsonSource,
  type MessageHandlers,
  type MessageSource,
  sseSource,
  textSource,
} from './messageSource.ts';
import type { Reply, ServerMessage } from './reply.ts';
import type { RequestTrace } from './requestTrace.ts';

/** Milliseconds that a person may take to answer what the server asks in the middle of a request. */
const MAX_HOLD = 3_600_000;

/** Milliseconds for the body of an HTTP error. */
const ERROR_BODY_TIMEOUT = 1_000;

export interface PostedRequestOptions {
  readonly request: JsonRpcRequest;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly inSession: boolean;
  /** When the caller asked, on the clock: an earlier attempt counts as time in the queue. */
  readonly askedAt: number;
  readonly clock: Clock;
  readonly trace: RequestTrace;
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /** @param hold stops the request's time while a person is asked; what it returns lets it run again */
  readonly onMessage: ((message: ServerMessage, hold: () => () => void) => void) | undefined;
  /** An earlier attempt was lost with its connection. */
  readonly repeated: boolean;
  /** Where closing the stream does not cancel: tells the server. */
  readonly onCancel: ((reason: string) => void) | undefined;
}

/**
 * One POST with a JSON-RPC request in it, until the message that answers it. It settles once:
 *
 *     waiting --response or error with the request's id--> answered: the rest of the stream is drained
 *        +----- HTTP status, end without an answer, lost connection, time-out, cancelled --> failed
 */
export class PostedRequest {
  readonly #options: PostedRequestOptions;
  #exchange!: Exchange;
  #source: MessageSource | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #events = 0;
  #otherIds: unknown[] = [];
  #invalid: { text: string; problem: string } | undefined;
  #firstEventAt: number | undefined;
  #settled = false;
  #cancelTimeout: () => void = () => undefined;
  #resolve!: (reply: Reply) => void;
  #reject!: (error: SluiceError) => void;
  readonly #drained = Promise.withResolvers<DrainReport>();
  readonly #onAbort = () => this.#callOff(cancelled(this.#options.request, this.#options.signal?.reason));

  constructor(options: PostedRequestOptions) {
    this.#options = options;
  }

  run(pool: ConnectionPool, body: Buffer): Promise<Reply> {
    const { request, url, headers, timeout, signal, trace } = this.#options;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      if (signal?.aborted === true) return reject(cancelled(this.#options.request, signal.reason));
      signal?.addEventListener('abort', this.#onAbort, { once: true });
      this.#startTimeout(timeout);
      trace.request('POST', url.href, headers, body.length);
      this.#exchange = pool.dispatch(
        {
          method: 'POST',
          path: `${url.pathname}${url.search}`,
          headers,
          body,
          likeness: likenessOf(request),
          repeated: this.#options.repeated,
        },
        {
          onHeaders: (status, responseHeaders) => this.#onHeaders(status, responseHeaders),
          onData: (chunk) => this.#onData(chunk),
          onEnd: () => this.#onEnd(),
          onError: (error) => {
            trace.failed(this.#exchange, error);
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

  #startTimeout(ms: number): void {
    this.#cancelTimeout();
    if (!this.#settled)
      this.#cancelTimeout = this.#options.clock.schedule(ms, () => {
        const { clock, askedAt, request } = this.#options;
        const soFar = { marks: this.#exchange.marks, status: this.#status, events: this.#events };
        // All attempts together: an earlier one took its part of the time.
        const waited = Math.max(Math.ceil(ms), Math.round(clock.now() - askedAt));
        this.#callOff(timedOut(request, waited, soFar));
      });
  }

  #hold(): () => void {
    this.#startTimeout(MAX_HOLD);
    return () => this.#startTimeout(this.#options.timeout);
  }

  #onHeaders(status: number, headers: IncomingHttpHeaders): void {
    const { trace } = this.#options;
    this.#status = status;
    this.#headers = headers;
    trace.response(this.#exchange, status, headers);
    const contentType = headers['content-type'] ?? '';
    const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase();
    const onBody = (text: string) => trace.body(this.#exchange, text);
    if (status < 200 || status >= 300) {
      this.#source = textSource((text) => this.#callOff(this.#httpFailure(text)), onBody);
      // The status says that it failed; what the body adds to it is not worth a long wait.
      this.#cancelTimeout();
      this.#cancelTimeout = this.#options.clock.schedule(ERROR_BODY_TIMEOUT, () => this.#source?.end());
    } else if (!isIdentity(headers['content-encoding'])) {
      this.#callOff(compressed(headers['content-encoding']));
    } else if (mediaType === 'text/event-stream') {
      this.#source = sseSource(this.#handlers);
    } else if (mediaType === 'application/json') {
      this.#source = jsonSource(this.#handlers);
    } else {
      this.#source = textSource((text) => this.#callOff(notMcp(status, contentType, text)), onBody);
    }
  }

  #onData(chunk: Buffer): void {
    this.#firstEventAt ??= this.#options.clock.now();
    this.#source?.push(chunk);
  }

  #onEnd(): void {
    this.#source?.end();
    if (this.#settled) return;
    // An event that could not be read may have been the response.
    const { text, problem } = this.#invalid ?? {};
    this.#fail(
      text === undefined
        ? endedWithoutAnswer(this.#options.request, this.#status, this.#otherIds)
        : notMcp(this.#status, 'an event', text, problem),
    );
  }

  readonly #handlers: MessageHandlers = {
    onMessage: (received, text) => this.#onMessage(received, text),
    onOverflow: () => this.#callOff(tooLarge(this.#options.request)),
    onEvent: (event) => {
      this.#events++;
      this.#options.trace.event(this.#exchange, event);
    },
    onComment: (comment) => this.#options.trace.comment(this.#exchange, comment),
    onRetry: (ms) => this.#options.trace.retry(this.#exchange, ms),
    onBody: (text) => this.#options.trace.body(this.#exchange, text),
  };

  #onMessage(received: Received, text: string): void {
    const { request, trace, onMessage } = this.#options;
    trace.message('received', text);
    switch (received.kind) {
      case 'request':
      case 'notification':
        return onMessage?.(received, () => this.#hold());
      case 'result':
        if (received.message.id === request.id) return this.#answer(received.message);
        this.#otherIds.push(received.message.id);
        return trace.warn(
          `a response with the id ${JSON.stringify(received.message.id)}, which nobody asked, was ignored`,
        );
      case 'error': {
        const { id } = received.message;
        // "except in error cases where the ID could not be read" (2026-07-28, Error Responses)
        if (id === request.id || id === undefined || id === null) return this.#answer(received.message);
        this.#otherIds.push(id);
        return trace.warn(`an error with the id ${JSON.stringify(id)}, which nobody asked, was ignored`);
      }
      case 'invalid':
        if (this.#source?.body === 'json')
          return this.#callOff(notMcp(this.#status, 'a JSON body', text, received.problem));
        this.#invalid = { text, problem: received.problem };
        return trace.warn(`an event was ignored, because ${received.problem}`);
    }
  }

  #answer(message: JsonRpcResult | JsonRpcErrorResponse): void {
    if (this.#settled)
      return this.#options.trace.warn(`a second response to request ${this.#options.request.id} was ignored`);
    this.#settle();
    this.#options.trace.tail = true;
    this.#resolve({
      message,
      headers: this.#headers,
      timing: this.#timing(),
      wire: {
        connection: this.#exchange.connection?.id ?? 0,
        origin: this.#exchange.use > 1 ? 'reused' : this.#exchange.marks.connectMs > 0 ? 'fresh' : 'warm',
        use: this.#exchange.use,
        httpVersion: this.#exchange.connection?.httpVersion ?? '1.1',
        status: this.#status,
        body: this.#source?.body ?? 'none',
      },
      drained: this.#drained.promise,
    });
    this.#exchange.release();
  }

  /** Ends the request with an error of our own, and the exchange with it. */
  #callOff(error: SluiceError): void {
    if (this.#settled) return;
    const { onCancel } = this.#options;
    const calledOff = error.code === 'cancelled' || error.code === 'request-timeout';
    if (!this.#exchange.isSent) {
      // There is nothing that the server could be told of.
      this.#fail(error.with({ delivery: 'not-sent' }));
      return this.#exchange.abort(error);
    }
    this.#fail(error);
    // Closing the stream cancels by itself. Where it does not, the server is told, and its stream drained.
    if (calledOff && onCancel !== undefined) {
      onCancel(error.message);
      this.#exchange.calledOff = true;
      this.#exchange.release();
      if (this.#exchange.drainingSince !== undefined) return;
    }
    // An error body that has not ended yet is worth draining; a stream that was called off is not.
    if (!calledOff && this.#source?.body === 'none') this.#exchange.release();
    else this.#exchange.abort(error);
  }

  #fail(error: SluiceError): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.#settled = true;
    this.#cancelTimeout();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
  }

  #timing(): RequestTiming {
    const { askedAt, clock } = this.#options;
    const { assigned, sent, headers, connectMs } = this.#exchange.marks;
    const now = clock.now();
    const firstEvent = this.#firstEventAt ?? now;
    // Each mark exists by now; a missing one would make a phase of no length.
    const headersAt = headers ?? firstEvent;
    const sentAt = sent ?? headersAt;
    const assignedAt = assigned ?? sentAt;
    return {
      queued: Math.max(0, assignedAt - askedAt - connectMs),
      connect: connectMs,
      sent: sentAt - assignedAt,
      headers: headersAt - sentAt,
      firstEvent: firstEvent - headersAt,
      response: now - firstEvent,
      total: now - askedAt,
    };
  }

  #httpFailure(body: string): SluiceError {
    const { url, inSession, clock } = this.#options;
    return httpFailure({
      status: this.#status,
      headers: this.#headers,
      body,
      inSession,
      url,
      now: clock.wallTime(),
    });
  }
}

/** The method, and the tool's or prompt's name: answers to the same are alike in how they come. */
function likenessOf({ method, params }: JsonRpcRequest): string {
  const name = params?.['name'];
  return typeof name === 'string' ? `${method} ${name}` : method;
}

function isIdentity(coding: string | undefined): boolean {
  return coding === undefined || coding.trim().toLowerCase() === 'identity';
}
