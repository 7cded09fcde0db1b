import type { SluiceError } from '../errors.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import {
  type JsonRpcErrorResponse,
  type JsonRpcRequest,
  type JsonRpcResult,
  ownId,
  type Received,
  type RequestId,
} from '../jsonrpc/message.ts';
import { cancelled, endedWithoutAnswer, notMcp, timedOut, tooMuch } from './answerFailure.ts';
import { CameInstead } from './cameInstead.ts';
import { type BodyUse, HttpRequest, type HttpRequestOptions } from './httpRequest.ts';
import type { MessageBounds } from './messageBounds.ts';
import { jsonSource, type MessageHandlers, sseSource } from './messageSource.ts';
import type { Reply } from './reply.ts';
import type { RequestTrace } from './requestTrace.ts';
import { Resumption, type ResumptionRules } from './resumption.ts';
import { afterSilence } from './silence.ts';
import { StrayError } from './strayError.ts';
import type { OnMessage } from './transport.ts';

export interface PostedRequestOptions extends Omit<HttpRequestOptions, 'method' | 'handlers' | 'likeness'> {
  readonly request: JsonRpcRequest;
  readonly askedAt: number;
  /** Of each message of the answer. */
  readonly bounds: MessageBounds;
  readonly signal: AbortSignal | undefined;
  readonly onSent: (() => void) | undefined;
  readonly onMessage: OnMessage | undefined;
  /** Whether a response may come on the stream for what the server says unasked, as some send it after a 202. */
  readonly isHeardElsewhere: () => boolean;
  /** Of a stream that broke off; undefined where the revision has none. */
  readonly resumption: ResumptionRules | undefined;
  /** A request that was sent and then left goes on; this gets its answer. */
  readonly onLateAnswer: ((message: JsonRpcResult | JsonRpcErrorResponse) => void) | undefined;
  /** Where closing the stream does not cancel: tells the server. */
  readonly onCancel: ((reason: string) => void) | undefined;
}

/**
 * One POST with a JSON-RPC request in it, until the message that answers it. It settles once:
 *
 *     waiting --response or error with the request's id--> answered: the rest of the stream is drained
 *      |   ^ +--- HTTP status, end without an answer, lost connection, time-out, cancelled --> failed
 *      v   |
 *     resuming: the stream broke off after an event with an id, a GET asks for the rest of it
 */
export class PostedRequest {
  /** On the stream for what the server says unasked, too. */
  readonly instead: CameInstead;
  readonly #options: PostedRequestOptions;
  readonly #posted: HttpRequest;
  /** The one that brings the answer: the POST, or the last GET. */
  #http: HttpRequest;
  #trace: RequestTrace;
  /** Undefined where the revision has none. */
  readonly #resumption: Resumption | undefined;
  #events = 0;
  readonly #stray: StrayError;
  readonly #reply = Promise.withResolvers<Reply>();
  #settled = false;
  /** Its caller waits no longer. */
  #isLeft = false;
  readonly #onAbort = () => {
    const { request, signal, onLateAnswer } = this.#options;
    const error = cancelled(request, signal?.reason);
    if (onLateAnswer === undefined || !this.isSent) return this.callOff(error);
    this.#isLeft = true;
    this.#reply.reject(error);
  };

  constructor(options: PostedRequestOptions) {
    const { request, clock, trace, signal, onSent, resumption } = options;
    this.#options = options;
    this.instead = new CameInstead(request.id);
    this.#trace = trace;
    this.#stray = new StrayError(clock, (error) => this.#answerStray(error));
    if (resumption !== undefined) this.#resumption = this.#resumable(resumption);
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#posted = new HttpRequest({
      ...options,
      method: 'POST',
      likeness: likenessOf(request),
      handlers: {
        ...(onSent && { onSent }),
        onResponse: (_, mediaType) => this.#bodyUse(mediaType),
        onRefused: (error) => {
          if (!this.#posted.isSuccess || !this.#isAccepted) this.#fail(error);
        },
        onUnreadable: (error) => this.callOff(error),
        onEnd: () => {
          if (!this.#settled && this.#resumption?.begin() !== true) this.#failUnanswered();
        },
        onFailed: (error) => {
          if (error.code !== 'connection-lost' || this.#resumption?.begin() !== true)
            this.#fail(afterSilence(error, this.#posted.silence));
        },
        onTimeout: (ms) => this.#timeOut(ms),
      },
    });
    this.#http = this.#posted;
  }

  get id(): RequestId {
    return this.#options.request.id;
  }

  /** The message that answers it. @throws SluiceError where none came */
  get reply(): Promise<Reply> {
    return this.#reply.promise;
  }

  /** Something of it may have left this machine: there is something to answer. */
  get isSent(): boolean {
    return this.#posted.isSent;
  }

  #timeOut(ms: number): void {
    const { clock, askedAt, request, url } = this.#options;
    if (this.#stray.due()) return;
    const { exchange, status, body } = this.#posted;
    const soFar = {
      marks: exchange.marks,
      status,
      events: this.#events,
      body,
      isPlain: url.protocol === 'http:',
      instead: this.#describeInstead(),
    };
    // All attempts together: an earlier one took its part of the time.
    this.callOff(timedOut(request, Math.max(Math.ceil(ms), Math.round(clock.now() - askedAt)), soFar));
  }

  /** Stops its time while a person is asked; what it returns lets it run again, once all holds are gone. */
  readonly hold = (): (() => void) => this.#posted.hold();

  #bodyUse(mediaType: string): BodyUse {
    const { bounds } = this.#options;
    switch (mediaType) {
      case 'text/event-stream':
        return sseSource(this.#handlers, bounds);
      case 'application/json':
        return jsonSource(this.#handlers, bounds);
      default:
        return 'refusal';
    }
  }

  /** The server took the request, and may answer it elsewhere. */
  get #isAccepted(): boolean {
    return this.#posted.status === 202 && this.#options.isHeardElsewhere();
  }

  #resumable(rules: ResumptionRules): Resumption {
    const { pool, clock, url, inSession, request, bounds } = this.#options;
    return new Resumption({
      pool,
      bounds,
      clock,
      url,
      inSession,
      method: request.method,
      rules,
      handlers: {
        onResumed: (http, trace) => {
          this.#http = http;
          this.#trace = trace;
        },
        onMessage: (received, text) => this.#onMessage(received, text),
        onEvent: (event) => {
          this.#events++;
          this.instead.event(event);
        },
        onOverflow: (excess) => this.callOff(tooMuch(request, excess)),
        onFailed: (error) => this.#fail(error),
        onEnded: () => this.#failUnanswered(),
      },
    });
  }

  #failUnanswered(): void {
    if (this.#isAccepted || this.#stray.due()) return;
    this.#fail(this.#unanswered());
  }

  #unanswered(): SluiceError {
    const { status, body } = this.#posted;
    // An event that could not be read may have been the response.
    const { text, problem } = this.instead.invalid ?? {};
    return text === undefined
      ? afterSilence(
          endedWithoutAnswer(this.#options.request, status, this.#describeInstead()),
          this.#http.silence,
        )
      : notMcp(status, body === 'json' ? 'a JSON body' : 'an event', text, problem);
  }

  #describeInstead(): string {
    return this.instead.describe(this.#http.unfinished());
  }

  readonly #handlers: MessageHandlers = {
    onMessage: (received, text) => {
      this.#trace.message('received', text);
      this.#onMessage(received, text);
    },
    onOverflow: (excess) => this.callOff(tooMuch(this.#options.request, excess)),
    onEvent: (event) => {
      this.#events++;
      this.instead.event(event);
      this.#options.trace.event(event);
    },
    onComment: (comment) => this.#options.trace.comment(comment),
    onRetry: (ms) => {
      this.#resumption?.point.onRetry(ms);
      this.#options.trace.retry(ms);
    },
    onId: (id) => this.#resumption?.point.onId(id),
    onBody: (text) => this.#options.trace.body(text),
  };

  #onMessage(received: Received, text: string): void {
    const { request, onMessage } = this.#options;
    const trace = this.#trace;
    switch (received.kind) {
      case 'notification':
        this.instead.notification(received.message);
        return onMessage?.(received, this.hold);
      case 'request':
        return onMessage?.(received, this.hold);
      case 'result':
        if (ownId(received.message.id) === request.id) return this.#answer(received.message);
        this.instead.response(received.message.id);
        return trace.warn(
          `a response with the id ${excerpt(received.message.id)} was ignored: no request has this id`,
          'a response with an id of no request',
        );
      case 'error': {
        const { id } = received.message;
        // "except in error cases where the ID could not be read" (2026-07-28, Error Responses)
        if (ownId(id) === request.id || id === undefined || id === null)
          return this.#answer(received.message);
        this.instead.response(id);
        if (this.#settled || !this.#stray.take(received.message))
          trace.warn(
            `an error with the id ${excerpt(id)} was ignored: no request has this id`,
            'an error with an id of no request',
          );
        return;
      }
      case 'invalid':
        if (this.#isAccepted) return;
        this.instead.unreadable(text, received.problem);
        trace.warn(`a message was ignored, because ${received.problem}`, 'an invalid message');
        // It was to be the response: there will be no other.
        if (ownId(received.id) === request.id) this.callOff(this.#unanswered());
        return;
    }
  }

  /** The response came on the stream for what the server says unasked: not as it should, but it is the response. */
  answeredElsewhere(message: JsonRpcResult | JsonRpcErrorResponse): void {
    this.#answer(message);
    this.#http.exchange.answeredElsewhere();
  }

  #answerStray(error: JsonRpcErrorResponse): void {
    const { request } = this.#options;
    this.#trace.warn(
      `an error with the id ${excerpt(error.id)}, which no request has, is taken as the answer to ${request.method}`,
    );
    this.#answer(error);
  }

  #answer(message: JsonRpcResult | JsonRpcErrorResponse): void {
    if (this.#settled) {
      // "The sender of the cancellation notification SHOULD ignore any response […] that arrives afterward."
      if (this.#http.exchange.isCalledOff) return;
      return this.#trace.warn(`a second response to request ${this.id} was ignored`);
    }
    this.#settle();
    if (this.#isLeft) this.#options.onLateAnswer?.(message);
    this.#trace.tail = true;
    this.#reply.resolve({
      message,
      headers: this.#posted.headers,
      timing: this.#posted.timing(),
      // Of the POST, as the phases are; the drain is that of the stream which brought the answer.
      wire: this.#posted.wire,
      drained: this.#http.drained,
    });
    this.#http.release();
  }

  /** Ends the request with an error of our own, and the HTTP request with it. */
  callOff(error: SluiceError): void {
    if (this.#settled) return;
    const { onCancel } = this.#options;
    const { exchange } = this.#http;
    const { isSent } = this;
    const calledOff = error.code === 'cancelled' || error.code === 'request-timeout';
    this.#fail(this.#posted.worded(error));
    // Closing the stream cancels by itself. Where it does not, the server is told, and its stream drained.
    if (isSent && calledOff && onCancel !== undefined) {
      onCancel(error.message);
      if (exchange.callOff()) return;
    }
    exchange.abort(error);
  }

  #fail(error: SluiceError): void {
    if (this.#settled) return;
    this.#settle();
    this.#reply.reject(error);
  }

  #settle(): void {
    this.#settled = true;
    this.#posted.stop();
    this.#stray.end();
    this.#resumption?.end();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
  }
}

/** The method, and the tool's or prompt's name: answers to the same are alike in how they come. */
function likenessOf({ method, params }: JsonRpcRequest): string {
  const name = params?.['name'];
  return typeof name === 'string' ? `${method} ${name}` : method;
}
