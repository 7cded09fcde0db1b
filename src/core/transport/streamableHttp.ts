import { DEFAULT_MESSAGE, type MessageConfig } from '../config/serverConfig.ts';
import { isSluiceError, SluiceError } from '../errors.ts';
import type { ConnectionPool } from '../http/connectionPool.ts';
import { closedError } from '../http/poolFailure.ts';
import { encodeMessage } from '../jsonrpc/encodeMessage.ts';
import {
  type JsonRpcErrorResponse,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResult,
  ownId,
  type RequestId,
} from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Tracer } from '../trace/tracer.ts';
import { cancelled } from './answerFailure.ts';
import { type MessageBounds, messageBounds } from './messageBounds.ts';
import { notifyCancelled } from './notifyCancelled.ts';
import { oneWay } from './oneWay.ts';
import { PostedRequest } from './postedRequest.ts';
import type { Reply } from './reply.ts';
import { bodilessHeaders, type HeaderParts, postHeaders } from './requestHeaders.ts';
import { RequestTrace } from './requestTrace.ts';
import { ServerStream } from './serverStream.ts';
import type { Listener, PostOptions, SendOptions, Transport } from './transport.ts';
import type { WireRules } from './wireRules.ts';

export interface StreamableHttpOptions {
  readonly url: URL;
  /** From the settings. */
  readonly headers: Readonly<Record<string, string>>;
  readonly pool: ConnectionPool;
  /** Of a message; `DEFAULT_MESSAGE` where absent. */
  readonly message?: MessageConfig | undefined;
  readonly tracer: Tracer;
  readonly clock: Clock;
}

/** Requests that are answered with a redirect to the same origin follow it so often. */
const MAX_REDIRECTS = 5;

const HEARD = Promise.resolve();

/** Every JSON-RPC message is one POST to the MCP endpoint (2026-07-28 and before: Sending Messages). */
export class StreamableHttp implements Transport {
  #sessionId: string | undefined;
  readonly #options: StreamableHttpOptions;
  readonly #underWay = new Set<PostedRequest>();
  #serverStream: ServerStream | undefined;
  #url: URL;
  #requests = 0;

  constructor(options: StreamableHttpOptions) {
    this.#options = options;
    this.#url = options.url;
  }

  /** `Mcp-Session-Id`, from the answer to `initialize`; undefined where the server keeps no session. */
  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  /** Cookies that were set in a session end with it: most of them say which server has it. */
  set sessionId(id: string | undefined) {
    if (this.#sessionId !== undefined && id !== this.#sessionId) this.#options.pool.cookies.clear();
    this.#sessionId = id;
  }

  async send(request: JsonRpcRequest, options: SendOptions): Promise<Reply> {
    const askedAt = this.#options.clock.now();
    const { reissue, call } = options;
    const { sessionId } = this;
    let redirects = 0;
    let next = request;
    for (;;) {
      // Another request has found meanwhile that the session is lost: without one, or in the next, this is another matter.
      if (this.sessionId !== sessionId) throw sessionOver();
      try {
        return await call.attempt(this.#attempt(next, options, askedAt, next !== request));
      } catch (error) {
        if (!isSluiceError(error)) throw error;
        if (error.code === 'redirected' && redirects++ < MAX_REDIRECTS && this.#follow(error)) continue;
        // A proxy tells a loss by a proper end as well. Where the rest was asked for, the server has said that it ran.
        const isLost =
          error.code === 'connection-lost' || (error.code === 'stream-ended' && error.phase === 'response');
        if (!isLost || reissue === undefined || next !== request) throw error;
        // An idle connection that the server closes meets the request on its way; the next one has carried nothing.
        next = reissue();
      }
    }
  }

  warn(message: string, kind?: string): void {
    this.#options.tracer.warn(message, kind);
  }

  async post(
    message: JsonRpcNotification | JsonRpcResult | JsonRpcErrorResponse,
    rules: WireRules | undefined,
    options?: PostOptions,
  ): Promise<void> {
    const headers = postHeaders(message, this.#headerParts(rules));
    await this.#oneWay('POST', headers, encodeMessage(message), options);
  }

  /** By a stream of its own for each session, where the revision has one. */
  listen(rules: WireRules | undefined, listener: Listener): Promise<void> {
    if (rules?.streamsByGet !== true) {
      // There may be one of a server that spoke another revision.
      if (rules !== undefined) this.#unlisten();
      return HEARD;
    }
    const { sessionId } = this;
    if (this.#serverStream === undefined || this.#serverStream.sessionId !== sessionId) {
      const { pool, clock } = this.#options;
      this.#unlisten();
      this.#serverStream = new ServerStream({
        pool,
        bounds: this.#bounds,
        clock,
        url: () => this.#url,
        headers: () => bodilessHeaders('text/event-stream', { ...this.#headerParts(rules), sessionId }),
        sessionId,
        trace: () => this.#newTrace(),
        listener,
        answer: (message) => {
          const asked = [...this.#underWay].find(
            (posted) => posted.id === ownId(message.id) && posted.isSent,
          );
          asked?.answeredElsewhere(message);
          return asked !== undefined;
        },
        notified: (message) => {
          for (const posted of this.#underWay) posted.instead.notification(message);
        },
        hold: (id) => this.#hold(id),
        warn: (message) => this.warn(message),
      });
    }
    this.#serverStream.open();
    return this.#serverStream.answered;
  }

  /** Tells the server that the session is over (2025-11-25, Session Management); servers may refuse with 405. */
  async endSession(rules: WireRules): Promise<void> {
    this.#unlisten();
    if (this.sessionId === undefined) return;
    const headers = bodilessHeaders('application/json', this.#headerParts(rules));
    this.sessionId = undefined;
    await this.#oneWay('DELETE', headers);
  }

  /** What no connection carries at the moment ends too: a stream that was to be opened again. */
  close(): void {
    this.#unlisten();
    for (const posted of this.#underWay) posted.callOff(closedError());
  }

  #hold(id: RequestId): () => void {
    const asked = [...this.#underWay].find((posted) => posted.id === id);
    return asked?.hold() ?? (() => undefined);
  }

  #unlisten(): void {
    this.#serverStream?.close(new SluiceError('closed', 'The session has ended', { delivery: 'unknown' }));
    this.#serverStream = undefined;
  }

  get #bounds(): MessageBounds {
    return messageBounds(this.#options.message ?? DEFAULT_MESSAGE);
  }

  #newTrace(): RequestTrace {
    return new RequestTrace(this.#options.tracer, this.#options.clock, ++this.#requests);
  }

  #attempt(
    request: JsonRpcRequest,
    options: SendOptions,
    askedAt: number,
    repeated: boolean,
  ): Promise<Reply> {
    const { pool, clock } = this.#options;
    const json = encodeMessage(request);
    const trace = this.#newTrace();
    trace.message('sent', json);
    const { signal } = options;
    if (signal?.aborted === true)
      return Promise.reject(cancelled(request, signal.reason).but({ delivery: 'not-sent' }));
    const parts = this.#headerParts(options.rules, options.parameters);
    const posted = new PostedRequest({
      request,
      url: this.#url,
      headers: () => postHeaders(request, parts),
      body: Buffer.from(json),
      inSession: this.sessionId !== undefined,
      askedAt,
      clock,
      pool,
      bounds: this.#bounds,
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
        options.rules?.streamsByGet === true
          ? {
              headers: () => bodilessHeaders('text/event-stream', parts),
              trace: () => this.#newTrace(),
            }
          : undefined,
      onLateAnswer: options.onLateAnswer,
      onCancel:
        options.rules?.cancellation === 'notification' && options.onLateAnswer === undefined
          ? (reason) => notifyCancelled(this, request, reason, options.rules)
          : undefined,
    });
    this.#underWay.add(posted);
    return posted.reply.finally(() => this.#underWay.delete(posted));
  }

  /** Another path of the same origin is followed and kept; another origin must be the user's decision. */
  #follow({ status, location }: SluiceError): boolean {
    // 301 to 303 turn a POST into a GET, which is not what was asked for.
    if ((status !== 307 && status !== 308) || location === undefined || !URL.canParse(location)) return false;
    const target = new URL(location);
    if (target.origin !== this.#url.origin) return false;
    this.#options.tracer.warn(`the server redirects ${this.#url.pathname} to ${target.pathname}: followed`);
    this.#url = target;
    return true;
  }

  #headerParts(rules: WireRules | undefined, parameters?: Readonly<Record<string, string>>): HeaderParts {
    const { sessionId } = this;
    return { configured: this.#options.headers, rules, sessionId, parameters };
  }

  #oneWay(
    method: 'POST' | 'DELETE',
    headers: Record<string, string>,
    json?: string,
    options?: PostOptions,
  ): Promise<void> {
    const { pool, clock } = this.#options;
    const trace = this.#newTrace();
    if (json !== undefined) trace.message('sent', json);
    const body = json === undefined ? undefined : Buffer.from(json);
    return oneWay({ method, url: this.#url, headers: () => headers, body, ...options, pool, clock, trace });
  }
}

function sessionOver(): SluiceError {
  return new SluiceError('session-lost', 'The session was lost while the request was repeated', {
    phase: 'queued',
    delivery: 'unknown',
  });
}
