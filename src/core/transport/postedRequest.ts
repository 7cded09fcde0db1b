import type { IncomingHttpHeaders } from 'node:http';
import { SluiceError } from '../errors.ts';
import type { ConnectionPool, Lane } from '../http/connectionPool.ts';
import type { Exchange } from '../http/exchange.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import type {
  JsonRpcErrorResponse,
  JsonRpcRequest,
  JsonRpcResult,
  Received,
  RequestId,
} from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import type { DrainReport, RequestTiming } from '../metrics/requestTiming.ts';
import { cancelled, compressed, endedWithoutAnswer, notMcp, timedOut, tooLarge } from './answerFailure.ts';
import { isIdentity, mediaTypeOf } from './contentType.ts';
import { EventStream, mayOpenLater } from './eventStream.ts';
import { httpFailure } from './httpFailure.ts';
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
import { ResumePoint } from './resumePoint.ts';
import type { OnMessage } from './transport.ts';

/** Milliseconds before a stream is taken up a second time, at least; after tries that failed twice as long each, at most. */
const RESUME_PAUSE = 100;
const MAX_RESUME_PAUSE = 5_000;

export interface PostedRequestOptions {
  readonly request: JsonRpcRequest;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly inSession: boolean;
  /** When the caller asked, on the clock: an earlier attempt counts as time in the queue. */
  readonly askedAt: number;
  readonly clock: Clock;
  readonly pool: ConnectionPool;
  readonly trace: RequestTrace;
  /** Milliseconds that are left for it. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly onMessage: OnMessage | undefined;
  readonly lane: Lane;
  /** An earlier attempt was lost with its connection. */
  readonly repeated: boolean;
  /** Headers and trace of a GET that takes up a stream which broke off; undefined where the revision has none. */
  readonly resumption:
    | { readonly headers: () => Record<string, string>; readonly trace: () => RequestTrace }
    | undefined;
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
  readonly #point = new ResumePoint();
  #cancelResume: () => void = () => undefined;
  /** Tries in a row that failed. */
  #failedResumes = 0;
  #source: MessageSource | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #events = 0;
  #otherId: RequestId | undefined;
  #invalid: { text: string; problem: string } | undefined;
  #firstEventAt: number | undefined;
  #settled = false;
  #time: RequestTime | undefined;
  #resolve!: (reply: Reply) => void;
  #reject!: (error: SluiceError) => void;
  readonly #drained = Promise.withResolvers<DrainReport>();
  /** The one whose drain counts. */
  #answeredOn: Exchange | undefined;
  /** The stream has broken off, and the next one is not asked for yet. */
  #isBetween = false;
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
        return this.#fail(cancelled(request, signal.reason).with({ delivery: 'not-sent' }));
      signal?.addEventListener('abort', this.#onAbort, { once: true });
      this.#time = new RequestTime(clock, timeout, (ms) => this.#timeOut(ms));
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
            if (error.code !== 'connection-lost' || !this.#resumeLater(0)) this.#fail(error);
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
    const soFar = { marks: this.#posted.marks, status: this.#status, events: this.#events };
    // All attempts together: an earlier one took its part of the time.
    this.callOff(timedOut(request, Math.max(Math.ceil(ms), Math.round(clock.now() - askedAt)), soFar));
  }

  /** Stops its time while a person is asked; what it returns lets it run again, once all holds are gone. */
  readonly hold = (): (() => void) => this.#time?.hold() ?? (() => undefined);

  #onHeaders(status: number, headers: IncomingHttpHeaders): void {
    const { trace, clock } = this.#options;
    this.#status = status;
    this.#headers = headers;
    trace.response(this.#exchange, status, headers);
    const contentType = headers['content-type'] ?? '';
    const mediaType = mediaTypeOf(contentType);
    const onBody = (text: string) => trace.body(this.#exchange, text);
    if (status < 200 || status >= 300) {
      this.#time?.stop();
      this.#source = refusalSource(clock, (text) => this.callOff(this.#httpFailure(text)), onBody);
    } else if (!isIdentity(headers['content-encoding'])) {
      this.callOff(compressed(headers['content-encoding']));
    } else if (mediaType === 'text/event-stream') {
      this.#source = sseSource(this.#handlers);
    } else if (mediaType === 'application/json') {
      this.#source = jsonSource(this.#handlers);
    } else {
      this.#source = textSource((text) => this.callOff(notMcp(status, contentType, text)), onBody);
    }
  }

  #onData(chunk: Buffer): void {
    this.#firstEventAt ??= this.#options.clock.now();
    this.#source?.push(chunk);
  }

  #onEnd(): void {
    this.#source?.end();
    if (this.#settled || this.#resumeLater(0)) return;
    this.#failUnanswered();
  }

  #failUnanswered(): void {
    // An event that could not be read may have been the response.
    const { text, problem } = this.#invalid ?? {};
    this.#fail(
      text === undefined
        ? endedWithoutAnswer(this.#options.request, this.#status, this.#otherId)
        : notMcp(this.#status, this.#source?.body === 'json' ? 'a JSON body' : 'an event', text, problem),
    );
  }

  /**
   * "If the client wishes to resume after a disconnection […], it SHOULD issue an HTTP GET to the MCP endpoint, and
   * include the Last-Event-ID header" (2025-11-25, Resumability and Redelivery).
   * @param atLeast milliseconds, where the server's own time is shorter
   * @returns false where there is nothing to resume from
   */
  #resumeLater(atLeast: number): boolean {
    const { resumption, clock } = this.#options;
    if (this.#settled || resumption === undefined || !this.#point.isKnown) return false;
    const ms = Math.max(this.#point.retryMs, atLeast);
    this.#isBetween = true;
    this.#cancelResume = clock.schedule(ms, () => this.#resume(resumption));
    return true;
  }

  #resume({ headers, trace: newTrace }: NonNullable<PostedRequestOptions['resumption']>): void {
    const { pool, clock, url, inSession, request } = this.#options;
    const trace = newTrace();
    this.#trace = trace;
    this.#isBetween = false;
    this.#point.reconnecting();
    let opened = false;
    const stream: EventStream = new EventStream({
      pool,
      clock,
      url,
      headers: { ...headers(), ...this.#point.headers },
      inSession,
      // The call is under way already: it does not wait behind others.
      lane: 'aside',
      trace,
      handlers: {
        onOpen: () => {
          opened = true;
          this.#failedResumes = 0;
        },
        onMessage: (received, text) => this.#onMessage(received, text),
        isRepeat: (event) => this.#point.isRepeat(event),
        onOverflow: () => this.callOff(tooLarge(request)),
        onEvent: () => this.#events++,
        onRetry: (ms) => this.#point.onRetry(ms),
        onId: (id) => this.#point.onId(id),
        onRefused: (error) => {
          if (mayOpenLater(error)) this.#resumeAfterFailure();
          else this.#fail(this.#notResumed(error));
        },
        onClosed: (error) => {
          if (this.#settled) return;
          if (error?.code === 'closed') return this.#fail(error.with({ delivery: 'unknown' }));
          if (!opened) return this.#resumeAfterFailure();
          if (!this.#resumeLater(RESUME_PAUSE)) this.#failUnanswered();
        },
        onDrained: (report) => this.#onDrained(stream.exchange, report),
      },
    });
    this.#exchange = stream.exchange;
  }

  #resumeAfterFailure(): void {
    const pause = Math.min(RESUME_PAUSE * 2 ** this.#failedResumes++, MAX_RESUME_PAUSE);
    this.#resumeLater(pause);
  }

  #notResumed(cause: SluiceError): SluiceError {
    const { method } = this.#options.request;
    return new SluiceError(
      'stream-ended',
      `The server broke off its answer to ${method}, and does not give the rest of it: ${cause.message}`,
      {
        phase: 'stream',
        delivery: 'unknown',
        hint: 'The server may have run it. It gave its events ids, so that a GET with Last-Event-ID should find what followed.',
        cause,
      },
    );
  }

  readonly #handlers: MessageHandlers = {
    onMessage: (received, text) => {
      this.#trace.message('received', text);
      this.#onMessage(received, text);
    },
    onOverflow: () => this.callOff(tooLarge(this.#options.request)),
    onEvent: (event) => {
      this.#events++;
      this.#options.trace.event(this.#exchange, event);
    },
    onComment: (comment) => this.#options.trace.comment(this.#exchange, comment),
    onRetry: (ms) => {
      this.#point.onRetry(ms);
      this.#options.trace.retry(this.#exchange, ms);
    },
    onId: (id) => this.#point.onId(id),
    onBody: (text) => this.#options.trace.body(this.#exchange, text),
  };

  #onMessage(received: Received, text: string): void {
    const { request, onMessage } = this.#options;
    const trace = this.#trace;
    switch (received.kind) {
      case 'request':
      case 'notification':
        return onMessage?.(received, this.hold);
      case 'result':
        if (received.message.id === request.id) return this.#answer(received.message);
        this.#otherId ??= received.message.id;
        return trace.warn(
          `a response with the id ${excerpt(received.message.id)}, which nobody asked, was ignored`,
        );
      case 'error': {
        const { id } = received.message;
        // "except in error cases where the ID could not be read" (2026-07-28, Error Responses)
        if (id === request.id || id === undefined || id === null) return this.#answer(received.message);
        this.#otherId ??= id;
        return trace.warn(`an error with the id ${excerpt(id)}, which nobody asked, was ignored`);
      }
      case 'invalid':
        this.#invalid = { text, problem: received.problem };
        return trace.warn(`a message was ignored, because ${received.problem}`);
    }
  }

  /** The response came on the stream for what the server says unasked: not as it should, but it is the response. */
  answeredElsewhere(message: JsonRpcResult | JsonRpcErrorResponse): void {
    this.#answer(message);
    this.#exchange.answeredElsewhere();
  }

  #onDrained(exchange: Exchange, report: DrainReport): void {
    if (exchange === this.#answeredOn) this.#drained.resolve(report);
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
    // The stream is over, and with it whatever there was to drain.
    if (this.#isBetween) this.#drained.resolve({ outcome: 'closed-by-server', ms: 0, bytes: 0 });
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
    this.#time?.stop();
    this.#cancelResume();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
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
