import type { IncomingHttpHeaders } from 'node:http';
import type { SluiceError } from '../errors.ts';
import type { ConnectionPool, Lane } from '../http/connectionPool.ts';
import type { Exchange } from '../http/exchange.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import {
  type JsonRpcErrorResponse,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResult,
  ownId,
  type Received,
  type RequestId,
} from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import type { DrainReport, RequestTiming } from '../metrics/requestTiming.ts';
import {
  cancelled,
  compressed,
  describeInstead,
  endedWithoutAnswer,
  notMcp,
  timedOut,
  tooMuch,
} from './answerFailure.ts';
import { codingOf, undoing } from './contentCoding.ts';
import { mediaTypeOf } from './contentType.ts';
import { httpFailure } from './httpFailure.ts';
import type { MessageBounds } from './messageBounds.ts';
import {
  jsonSource,
  type MessageHandlers,
  type MessageSource,
  sseSource,
  textSource,
} from './messageSource.ts';
import { refusalSource } from './refusal.ts';
import type { Reply } from './reply.ts';
import { RequestTime } from './requestTime.ts';
import type { RequestTrace } from './requestTrace.ts';
import { Resumption, type ResumptionRules } from './resumption.ts';
import { afterSilence } from './silence.ts';
import { StrayError } from './strayError.ts';
import type { OnMessage } from './transport.ts';

export interface PostedRequestOptions {
  readonly request: JsonRpcRequest;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly inSession: boolean;
  /** When the caller asked, on the clock: an earlier attempt counts as time in the queue. */
  readonly askedAt: number;
  readonly clock: Clock;
  readonly pool: ConnectionPool;
  /** Of each message of the answer. */
  readonly bounds: MessageBounds;
  readonly trace: RequestTrace;
  /** Milliseconds that are left for it. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly onSent: (() => void) | undefined;
  readonly onMessage: OnMessage | undefined;
  readonly lane: Lane;
  /** Whether a response may come on the stream for what the server says unasked, as some send it after a 202. */
  readonly isHeardElsewhere: () => boolean;
  /** An earlier attempt was lost with its connection. */
  readonly repeated: boolean;
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
  readonly #options: PostedRequestOptions;
  /** The one that brings the answer: the POST's, or that of the last GET. */
  #exchange!: Exchange;
  #posted!: Exchange;
  #trace: RequestTrace;
  /** Undefined where the revision has none. */
  readonly #resumption: Resumption | undefined;
  #source: MessageSource | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #events = 0;
  #otherId: RequestId | undefined;
  #otherEvent: { readonly name: string; readonly data: string } | undefined;
  #cancelled: { readonly reason: unknown } | undefined;
  readonly #stray: StrayError;
  #invalid: { text: string; problem: string } | undefined;
  #firstEventAt: number | undefined;
  /** When something of the answer came last, or else when the request was sent. */
  #heardAt: number | undefined;
  #settled = false;
  #time: RequestTime | undefined;
  #resolve!: (reply: Reply) => void;
  #reject!: (error: SluiceError) => void;
  readonly #drained = Promise.withResolvers<DrainReport>();
  /** The one whose drain counts. */
  #answeredOn: Exchange | undefined;
  /** Of an exchange that was over before its answer was found, the last one. */
  #drainedBefore: { readonly exchange: Exchange; readonly report: DrainReport } | undefined;
  /** Its caller waits no longer. */
  #isLeft = false;
  readonly #onAbort = () => {
    const { request, signal, onLateAnswer } = this.#options;
    const error = cancelled(request, signal?.reason);
    if (onLateAnswer === undefined || !this.#posted.isSent) return this.callOff(error);
    this.#isLeft = true;
    this.#reject(error);
  };

  constructor(options: PostedRequestOptions) {
    this.#options = options;
    this.#trace = options.trace;
    this.#stray = new StrayError(options.clock, (error) => this.#answerStray(error));
    if (options.resumption !== undefined) this.#resumption = this.#resumable(options.resumption);
  }

  get id(): RequestId {
    return this.#options.request.id;
  }

  /** Something of it may have left this machine: there is something to answer. */
  get isSent(): boolean {
    return this.#posted.isSent;
  }

  run(body: Buffer): Promise<Reply> {
    const { request, pool, clock, url, headers, timeout, signal, trace, lane } = this.#options;
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
        {
          method: 'POST',
          path,
          headers: sent,
          body,
          likeness: likenessOf(request),
          repeated: this.#options.repeated,
        },
        {
          onSent: () => {
            this.#heardAt = clock.now();
            this.#options.onSent?.();
          },
          onHeaders: (status, responseHeaders) => this.#onHeaders(status, responseHeaders),
          onData: (chunk) => this.#onData(chunk),
          onEnd: () => this.#onEnd(),
          onError: (error) => {
            trace.failed(this.#exchange, error);
            if (error.code !== 'connection-lost' || this.#resumption?.begin() !== true)
              this.#fail(afterSilence(error, this.#silence));
          },
          onDrained: (report) => {
            trace.drained(this.#posted, report);
            this.#onDrained(this.#posted, report);
          },
        },
        lane,
      );
      this.#posted = this.#exchange;
    });
  }

  #timeOut(ms: number): void {
    const { clock, askedAt, request } = this.#options;
    if (this.#stray.due()) return;
    const soFar = {
      marks: this.#posted.marks,
      status: this.#status,
      events: this.#events,
      body: this.#source?.body ?? 'none',
      isPlain: this.#options.url.protocol === 'http:',
      instead: this.#instead,
    };
    // All attempts together: an earlier one took its part of the time.
    this.callOff(timedOut(request, Math.max(Math.ceil(ms), Math.round(clock.now() - askedAt)), soFar));
  }

  /** Stops its time while a person is asked; what it returns lets it run again, once all holds are gone. */
  readonly hold = (): (() => void) => this.#time?.hold() ?? (() => undefined);

  #onHeaders(status: number, headers: IncomingHttpHeaders): void {
    const { trace, clock } = this.#options;
    this.#status = status;
    this.#headers = headers;
    this.#heardAt = clock.now();
    trace.response(this.#exchange, status, headers);
    const contentType = headers['content-type'] ?? '';
    const mediaType = mediaTypeOf(contentType);
    const onBody = (text: string) => trace.body(this.#exchange, text);
    if (status < 200 || status >= 300) {
      this.#time?.stop();
      this.#source = refusalSource(
        clock,
        headers['content-encoding'],
        (text) => this.callOff(this.#httpFailure(text)),
        onBody,
      );
      return;
    }
    const coding = codingOf(headers['content-encoding']);
    if (coding.kind === 'unreadable') return this.callOff(compressed(coding.name));
    const source =
      mediaType === 'text/event-stream'
        ? sseSource(this.#handlers, this.#options.bounds)
        : mediaType === 'application/json'
          ? jsonSource(this.#handlers, this.#options.bounds)
          : textSource((text) => this.#notMcp(contentType, text), onBody);
    this.#source =
      coding.kind === 'plain'
        ? source
        : undoing(coding.undo, source, (problem) =>
            this.callOff(compressed(headers['content-encoding'] ?? '', problem)),
          );
  }

  /** A body that is neither JSON nor a stream. */
  #notMcp(contentType: string, text: string): void {
    if (this.#isAccepted) this.#exchange.release();
    else this.callOff(notMcp(this.#status, contentType, text));
  }

  /** The server took the request, and may answer it elsewhere. */
  get #isAccepted(): boolean {
    return this.#status === 202 && this.#options.isHeardElsewhere();
  }

  #onData(chunk: Buffer): void {
    this.#heardAt = this.#options.clock.now();
    this.#firstEventAt ??= this.#heardAt;
    this.#source?.push(chunk);
  }

  #onEnd(): void {
    this.#source?.end(() => {
      if (this.#settled || this.#resumption?.begin() === true) return;
      this.#failUnanswered();
    });
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
        onResumed: (exchange, trace) => {
          this.#exchange = exchange;
          this.#trace = trace;
        },
        onMessage: (received, text) => this.#onMessage(received, text),
        onEvent: () => this.#events++,
        onOverflow: (excess) => this.callOff(tooMuch(request, excess)),
        onFailed: (error) => this.#fail(error),
        onEnded: () => this.#failUnanswered(),
        onDrained: (exchange, report) => this.#onDrained(exchange, report),
      },
    });
  }

  #failUnanswered(): void {
    if (this.#isAccepted || this.#stray.due()) return;
    this.#fail(this.#unanswered());
  }

  #unanswered(): SluiceError {
    // An event that could not be read may have been the response.
    const { text, problem } = this.#invalid ?? {};
    return text === undefined
      ? afterSilence(endedWithoutAnswer(this.#options.request, this.#status, this.#instead), this.#silence)
      : notMcp(this.#status, this.#source?.body === 'json' ? 'a JSON body' : 'an event', text, problem);
  }

  get #instead(): string {
    return describeInstead({
      otherId: this.#otherId,
      otherEvent: this.#otherEvent,
      cancelled: this.#cancelled,
      unfinished: this.#source?.unfinished?.(),
    });
  }

  readonly #handlers: MessageHandlers = {
    onMessage: (received, text) => {
      this.#trace.message('received', text);
      this.#onMessage(received, text);
    },
    onOverflow: (excess) => this.callOff(tooMuch(this.#options.request, excess)),
    onEvent: (event) => {
      this.#events++;
      if (event.event !== 'message')
        this.#otherEvent ??= { name: beginningOf(event.event), data: beginningOf(event.data) };
      this.#options.trace.event(this.#exchange, event);
    },
    onComment: (comment) => this.#options.trace.comment(this.#exchange, comment),
    onRetry: (ms) => {
      this.#resumption?.point.onRetry(ms);
      this.#options.trace.retry(this.#exchange, ms);
    },
    onId: (id) => this.#resumption?.point.onId(id),
    onBody: (text) => this.#options.trace.body(this.#exchange, text),
  };

  #onMessage(received: Received, text: string): void {
    const { request, onMessage } = this.#options;
    const trace = this.#trace;
    switch (received.kind) {
      case 'notification':
        if (received.message.method === 'notifications/cancelled') this.#onCancelled(received.message);
        return onMessage?.(received, this.hold);
      case 'request':
        return onMessage?.(received, this.hold);
      case 'result':
        if (ownId(received.message.id) === request.id) return this.#answer(received.message);
        this.#otherId ??= received.message.id;
        return trace.warn(
          `a response with the id ${excerpt(received.message.id)}, which nobody asked, was ignored`,
          'a response that nobody asked',
        );
      case 'error': {
        const { id } = received.message;
        // "except in error cases where the ID could not be read" (2026-07-28, Error Responses)
        if (ownId(id) === request.id || id === undefined || id === null)
          return this.#answer(received.message);
        this.#otherId ??= id;
        if (this.#settled || !this.#stray.take(received.message))
          trace.warn(
            `an error with the id ${excerpt(id)}, which nobody asked, was ignored`,
            'an error that nobody asked',
          );
        return;
      }
      case 'invalid':
        if (this.#isAccepted) return;
        this.#invalid = { text, problem: received.problem };
        trace.warn(`a message was ignored, because ${received.problem}`, 'a message that is none');
        // It was to be the response: there will be no other.
        if (ownId(received.id) === request.id) this.callOff(this.#unanswered());
        return;
    }
  }

  /** Only who asked may cancel, so it is told and no more: the response may come all the same. */
  #onCancelled({ params }: JsonRpcNotification): void {
    if (ownId(params?.['requestId']) === this.id)
      this.#cancelled = { reason: params?.['reason'] ?? undefined };
  }

  /** The response came on the stream for what the server says unasked: not as it should, but it is the response. */
  answeredElsewhere(message: JsonRpcResult | JsonRpcErrorResponse): void {
    this.#answer(message);
    this.#exchange.answeredElsewhere();
  }

  #answerStray(error: JsonRpcErrorResponse): void {
    const { request } = this.#options;
    this.#trace.warn(
      `an error with the id ${excerpt(error.id)}, which nobody asked, is taken for the answer to ${request.method}`,
    );
    this.#answer(error);
  }

  #onDrained(exchange: Exchange, report: DrainReport): void {
    if (exchange === this.#answeredOn) this.#drained.resolve(report);
    else this.#drainedBefore = { exchange, report };
  }

  #answer(message: JsonRpcResult | JsonRpcErrorResponse): void {
    if (this.#settled) {
      // "The sender of the cancellation notification SHOULD ignore any response […] that arrives afterward."
      if (this.#exchange.calledOff) return;
      return this.#trace.warn(`a second response to request ${this.#options.request.id} was ignored`);
    }
    this.#settle();
    if (this.#isLeft) this.#options.onLateAnswer?.(message);
    this.#trace.tail = true;
    this.#answeredOn = this.#exchange;
    if (this.#drainedBefore?.exchange === this.#exchange) this.#drained.resolve(this.#drainedBefore.report);
    // The stream is over, and with it whatever there was to drain.
    if (this.#resumption?.isBetween === true)
      this.#drained.resolve({ outcome: 'closed-by-server', ms: 0, bytes: 0 });
    this.#resolve({
      message,
      headers: this.#headers,
      timing: this.#timing(),
      // Of the POST, as the phases are; the drain is that of the stream which brought the answer.
      wire: {
        connection: this.#posted.connection?.id ?? 0,
        origin: this.#posted.use > 1 ? 'reused' : this.#posted.marks.connectMs > 0 ? 'fresh' : 'warm',
        use: this.#posted.use,
        httpVersion: this.#posted.connection?.httpVersion ?? '1.1',
        status: this.#status,
        body: this.#source?.body ?? 'none',
      },
      drained: this.#drained.promise,
    });
    this.#exchange.release();
  }

  /** Ends the request with an error of our own, and the exchange with it. */
  callOff(error: SluiceError): void {
    if (this.#settled) return;
    const { onCancel } = this.#options;
    const calledOff = error.code === 'cancelled' || error.code === 'request-timeout';
    if (!this.#posted.isSent) {
      // There is nothing that the server could be told of.
      this.#fail(error.but({ delivery: 'not-sent' }));
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
    this.#time?.stop();
    this.#stray.end();
    this.#source?.stop?.();
    this.#resumption?.end();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
  }

  /** Milliseconds for which nothing has come, since the request was sent. */
  get #silence(): number {
    return this.#heardAt === undefined ? 0 : this.#options.clock.now() - this.#heardAt;
  }

  #timing(): RequestTiming {
    const { askedAt, clock } = this.#options;
    const { assigned, sent, headers, connectMs } = this.#posted.marks;
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
    const { url, inSession, clock, pool, headers: sent } = this.#options;
    const { headers, sent: sentAt } = this.#posted.marks;
    return httpFailure({
      sent,
      via: pool.via,
      status: this.#status,
      headers: this.#headers,
      body,
      inSession,
      url,
      now: clock.wallTime(),
      waited: headers === undefined || sentAt === undefined ? 0 : headers - sentAt,
    });
  }
}

/** The method, and the tool's or prompt's name: answers to the same are alike in how they come. */
function likenessOf({ method, params }: JsonRpcRequest): string {
  const name = params?.['name'];
  return typeof name === 'string' ? `${method} ${name}` : method;
}

/** Characters of an event that are kept to be told. A slice would keep all of it alive. */
function beginningOf(text: string): string {
  return text.length <= 200 ? text : Buffer.from(text.slice(0, 200)).toString();
}
