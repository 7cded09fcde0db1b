import type { IncomingHttpHeaders } from 'node:http';
import type { SluiceError } from '../errors.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import type { JsonRpcErrorResponse, JsonRpcRequest, JsonRpcResult, Received } from '../jsonrpc/message.ts';
import { cancelled, timedOut } from './answerFailure.ts';
import { CameInstead } from './cameInstead.ts';
import { type BodyUse, HttpRequest, type HttpRequestOptions } from './httpRequest.ts';
import type { MessageBounds } from './messageBounds.ts';
import { jsonSource, sseSource } from './messageSource.ts';
import type { Reply } from './reply.ts';
import { StrayError } from './strayError.ts';

export interface SseRequestOptions
  extends Omit<HttpRequestOptions, 'method' | 'handlers' | 'lane' | 'inSession'> {
  readonly request: JsonRpcRequest;
  /** Of the stream that brings the response. */
  readonly streamHeaders: IncomingHttpHeaders;
  /** Of each message in the answer to the POST. */
  readonly bounds: MessageBounds;
  /** Gets what comes in the answer to the POST: some servers give the response there, and not on the stream. */
  readonly onMessage: (received: Received) => void;
  readonly signal: AbortSignal | undefined;
  /** Tells the server. */
  readonly onCancel: (reason: string) => void;
}

/** One POST with a JSON-RPC request in it, whose response comes on the one stream of HTTP+SSE. It settles once. */
export class SseRequest {
  /** On the stream, and in the answer to the POST. */
  readonly instead: CameInstead;
  readonly #options: SseRequestOptions;
  readonly #http: HttpRequest;
  readonly #stray: StrayError;
  readonly #reply = Promise.withResolvers<Reply>();
  #settled = false;
  readonly #onAbort = () => this.callOff(cancelled(this.#options.request, this.#options.signal?.reason));

  constructor(options: SseRequestOptions) {
    const { request, clock, trace, signal } = options;
    this.#options = options;
    this.instead = new CameInstead(request.id);
    this.#stray = new StrayError(clock, (error) => {
      const id =
        error.id === undefined ? 'without an id' : `with the id ${excerpt(error.id)}, which no request has,`;
      trace.warn(`an error ${id} is taken as the answer to ${request.method}`);
      this.answer(error);
    });
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#http = new HttpRequest({
      ...options,
      method: 'POST',
      lane: 'call',
      inSession: true,
      handlers: {
        // The status is the answer to the POST; a body may hold the response.
        onResponse: (_, mediaType) => this.#bodyUse(mediaType),
        onRefused: (error) => this.#fail(error),
        onUnreadable: () => this.#http.release(),
        onFailed: (error) => this.#fail(error),
        onTimeout: (ms) => this.#timeOut(ms),
      },
    });
  }

  /** The message that answers it. @throws SluiceError where none came */
  get reply(): Promise<Reply> {
    return this.#reply.promise;
  }

  /** Something of it may have left this machine: there is something to answer. */
  get isSent(): boolean {
    return this.#http.isSent;
  }

  /** The stream brought the message that answers it. */
  answer(message: JsonRpcResult | JsonRpcErrorResponse): void {
    if (this.#settled) return;
    this.#settle();
    this.#reply.resolve({
      message,
      headers: this.#options.streamHeaders,
      timing: this.#http.timing(this.#options.clock.now()),
      wire: { ...this.#http.wire, status: 200, body: 'sse' },
      drained: this.#http.drained,
    });
    this.#http.exchange.answeredElsewhere();
  }

  /** An error that may be meant for it. @returns whether it is taken for its answer, unless the response comes soon */
  takeStray(error: JsonRpcErrorResponse): boolean {
    return !this.#settled && this.#stray.take(error);
  }

  /** Stops its time while a person is asked; what it returns lets it run again, once all holds are gone. */
  hold(): () => void {
    return this.#http.hold();
  }

  /** Ends it, and the POST with it: what was not sent never is. Without effect once it has settled. */
  callOff(error: SluiceError): void {
    if (this.#settled) return;
    const { isSent } = this;
    this.#fail(this.#http.worded(error));
    if (isSent && (error.code === 'cancelled' || error.code === 'request-timeout'))
      this.#options.onCancel(error.message);
    this.#http.abort(error);
  }

  #bodyUse(mediaType: string): BodyUse {
    const { bounds, onMessage, trace } = this.#options;
    const { exchange } = this.#http;
    const handlers = {
      onMessage: (received: Received, text: string) => {
        // Where the response comes on the stream, a body says what it likes.
        if (received.kind === 'invalid') return;
        trace.message('received', text);
        onMessage(received);
      },
      onOverflow: () => exchange.release(),
    };
    switch (mediaType) {
      case 'application/json':
        return jsonSource({ ...handlers, onBody: (text) => trace.body(text) }, bounds);
      case 'text/event-stream':
        return sseSource({ ...handlers, onEvent: (event) => trace.event(event) }, bounds);
      default:
        return 'drain';
    }
  }

  #timeOut(ms: number): void {
    if (this.#stray.due()) return;
    const soFar = {
      marks: this.#http.exchange.marks,
      status: this.#http.status,
      events: 0,
      body: 'sse',
      isPlain: false,
      instead: this.instead.describe(this.#http.unfinished()),
    } as const;
    this.callOff(timedOut(this.#options.request, Math.ceil(ms), soFar));
  }

  #fail(error: SluiceError): void {
    if (this.#settled) return;
    this.#settle();
    this.#reply.reject(error);
  }

  #settle(): void {
    this.#settled = true;
    this.#http.stop();
    this.#stray.end();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
  }
}
