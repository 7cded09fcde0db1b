import type { Bag } from '../bag.ts';
import { isSluiceError, SluiceError } from '../errors.ts';
import { encodeMessage } from '../jsonrpc/encodeMessage.ts';
import {
  type JsonRpcErrorResponse,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResult,
  ownId,
  type RequestId,
} from '../jsonrpc/message.ts';
import { cancelled, isAnswerLost } from './answerFailure.ts';
import type { HttpClient } from './httpClient.ts';
import { notifyCancelled } from './notifyCancelled.ts';
import { PostedRequest } from './postedRequest.ts';
import type { Reply } from './reply.ts';
import { bodilessHeaders, type HeaderParts, postHeaders } from './requestHeaders.ts';
import { ServerStream } from './serverStream.ts';
import type { Listener, PostOptions, SendOptions, Transport } from './transport.ts';
import type { WireRules } from './wireRules.ts';

export interface StreamableSessionOptions {
  readonly http: HttpClient;
  readonly endpoint: {
    readonly url: URL;
    readonly underWay: Bag<PostedRequest>;
    follow(redirect: SluiceError): boolean;
  };
  readonly rules: WireRules | undefined;
  /** `Mcp-Session-Id`, from the answer to `initialize`. */
  readonly sessionId: string | undefined;
  /** It has a stream of its own for what the server says unasked, or has it no more. */
  readonly onListening: (session: StreamableSession, isListening: boolean) => void;
}

/** Requests that are answered with a redirect to the same origin follow it so often. */
const MAX_REDIRECTS = 5;

const HEARD = Promise.resolve();

/** Every JSON-RPC message is one POST to the MCP endpoint (2026-07-28 and before: Sending Messages). */
export class StreamableSession implements Transport {
  readonly #options: StreamableSessionOptions;
  readonly #parts: HeaderParts;
  #isOver = false;
  #serverStream: ServerStream | undefined;

  constructor(options: StreamableSessionOptions) {
    this.#options = options;
    const { http, rules, sessionId } = options;
    this.#parts = http.headerParts({ rules, sessionId });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  async send(request: JsonRpcRequest, options: SendOptions): Promise<Reply> {
    const { http, endpoint } = this.#options;
    const askedAt = http.clock.now();
    const { reissue, call } = options;
    let redirects = 0;
    let next = request;
    for (;;) {
      // Another request has found meanwhile that the session is lost: in the next one, this is another matter.
      if (this.#isOver) throw sessionOver();
      try {
        return await call.attempt(this.#attempt(next, options, askedAt, next !== request));
      } catch (error) {
        if (!isSluiceError(error)) throw error;
        if (error.code === 'redirected' && redirects++ < MAX_REDIRECTS && endpoint.follow(error)) continue;
        if (!isAnswerLost(error) || reissue === undefined || next !== request) throw error;
        // An idle connection that the server closes meets the request on its way; the next one has carried nothing.
        next = reissue();
      }
    }
  }

  async post(
    message: JsonRpcNotification | JsonRpcResult | JsonRpcErrorResponse,
    options?: PostOptions,
  ): Promise<void> {
    const { http, endpoint } = this.#options;
    await http.post(
      message,
      { url: endpoint.url, headers: () => postHeaders(message, this.#parts) },
      options,
    );
  }

  /** By a GET, where the revision has that. */
  listen(listener: Listener): Promise<void> {
    const { rules, onListening } = this.#options;
    if (rules?.streamsByGet !== true || this.#isOver) return HEARD;
    if (this.#serverStream === undefined) {
      this.#serverStream = this.#newServerStream(listener);
      onListening(this, true);
    }
    this.#serverStream.open();
    return this.#serverStream.answered;
  }

  /** What is under way goes on. Cookies that were set in a session end with it: most of them say which server has it. */
  leave(): void {
    if (this.#serverStream !== undefined) {
      this.#serverStream.close(new SluiceError('closed', 'The session has ended', { delivery: 'unknown' }));
      this.#serverStream = undefined;
      this.#options.onListening(this, false);
    }
    if (this.#options.sessionId === undefined || this.#isOver) return;
    this.#isOver = true;
    this.#options.http.pool.cookies.clear();
  }

  /** A server "MAY respond to this request with HTTP 405" (2025-11-25, Session Management). */
  async end(): Promise<void> {
    const { http, endpoint, sessionId } = this.#options;
    const tells = sessionId !== undefined && !this.#isOver;
    // The cookies of the session go along.
    const ended = tells
      ? http.delete({ url: endpoint.url, headers: () => bodilessHeaders('application/json', this.#parts) })
      : undefined;
    this.leave();
    await ended;
  }

  #newServerStream(listener: Listener): ServerStream {
    const { http, endpoint, sessionId } = this.#options;
    const { pool, clock, bounds } = http;
    const { underWay } = endpoint;
    return new ServerStream({
      pool,
      bounds,
      clock,
      url: () => endpoint.url,
      headers: () => bodilessHeaders('text/event-stream', this.#parts),
      inSession: sessionId !== undefined,
      trace: () => http.newTrace(),
      listener,
      answer: (message) => {
        const asked = [...underWay].find((posted) => posted.id === ownId(message.id) && posted.isSent);
        asked?.answeredElsewhere(message);
        return asked !== undefined;
      },
      notified: (message) => {
        for (const posted of underWay) posted.instead.notification(message);
      },
      hold: (id) => this.#hold(id),
      warn: (message) => http.warn(message),
    });
  }

  #hold(id: RequestId): () => void {
    const asked = [...this.#options.endpoint.underWay].find((posted) => posted.id === id);
    return asked?.hold() ?? (() => undefined);
  }

  #attempt(
    request: JsonRpcRequest,
    options: SendOptions,
    askedAt: number,
    repeated: boolean,
  ): Promise<Reply> {
    const { http, endpoint, rules, sessionId } = this.#options;
    const { pool, clock, bounds } = http;
    const json = encodeMessage(request);
    const { signal, parameters, call } = options;
    if (signal?.aborted === true)
      return Promise.reject(cancelled(request, signal.reason).but({ delivery: 'not-sent' }));
    const trace = http.newTrace(call);
    trace.message('sent', json);
    const parts = parameters === undefined ? this.#parts : { ...this.#parts, parameters };
    const posted = new PostedRequest({
      request,
      url: endpoint.url,
      headers: () => postHeaders(request, parts),
      body: Buffer.from(json),
      inSession: sessionId !== undefined,
      askedAt,
      clock,
      pool,
      bounds,
      trace,
      // Attempts share the time of their request.
      timeout: Math.max(1, askedAt + options.timeout - clock.now()),
      signal,
      onSent: options.onSent,
      onMessage: options.onMessage,
      lane: options.lane ?? 'call',
      isHeardElsewhere: () => this.#serverStream?.isHeard === true,
      repeated,
      resumption:
        rules?.streamsByGet === true
          ? { headers: () => bodilessHeaders('text/event-stream', parts), trace: () => http.newTrace(call) }
          : undefined,
      onLateAnswer: options.onLateAnswer,
      onCancel:
        rules?.cancellation === 'notification' && options.onLateAnswer === undefined
          ? (reason) => notifyCancelled(this, request, reason, http, call)
          : undefined,
    });
    const { underWay } = endpoint;
    underWay.add(posted);
    return posted.reply.finally(() => underWay.delete(posted));
  }
}

function sessionOver(): SluiceError {
  return new SluiceError('session-lost', 'The session was lost while the request was repeated', {
    phase: 'queued',
    delivery: 'unknown',
  });
}
