import { isSluiceError, SluiceError } from '../errors.ts';
import type { ConnectionPool } from '../http/connectionPool.ts';
import type {
  JsonRpcErrorResponse,
  JsonRpcNotification,
  JsonRpcRequest,
  JsonRpcResult,
} from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Tracer } from '../trace/tracer.ts';
import { PostedRequest } from './postedRequest.ts';
import type { Reply, ServerMessage } from './reply.ts';
import { bodilessHeaders, type HeaderParts, postHeaders } from './requestHeaders.ts';
import { RequestTrace } from './requestTrace.ts';
import type { WireRules } from './wireRules.ts';

export interface StreamableHttpOptions {
  readonly url: URL;
  /** From the settings. */
  readonly headers: Readonly<Record<string, string>>;
  readonly pool: ConnectionPool;
  readonly tracer: Tracer;
  readonly clock: Clock;
}

export interface SendOptions {
  /** Undefined before the revision is known: `initialize` carries none. */
  readonly rules: WireRules | undefined;
  /** `Mcp-Param-*`, encoded. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the response. */
  readonly timeout: number;
  /** Requests and notifications that the server sends on the response's stream, also after the response. */
  readonly onMessage?: ((message: ServerMessage, hold: () => () => void) => void) | undefined;
  /** The request may be sent again where it is not known whether the server ran it. */
  readonly repeatable: boolean;
}

/** Requests that are answered with a redirect to the same origin follow it so often. */
const MAX_REDIRECTS = 5;
/** Milliseconds for what nobody waits for: notifications, our answers to the server, the end of a session. */
const SIDE_TIMEOUT = 10_000;

/** Every JSON-RPC message is one POST to the MCP endpoint (2026-07-28 and before: Sending Messages). */
export class StreamableHttp {
  /** `Mcp-Session-Id`, from the answer to `initialize`; undefined where the server keeps no session. */
  sessionId: string | undefined;
  readonly #options: StreamableHttpOptions;
  #url: URL;
  #requests = 0;

  constructor(options: StreamableHttpOptions) {
    this.#options = options;
    this.#url = options.url;
  }

  /**
   * Sends a request and gives the message that answers it, be it a result or an error.
   * @throws SluiceError where no such message came; its `delivery` tells whether the request may have run
   */
  async send(request: JsonRpcRequest, options: SendOptions): Promise<Reply> {
    const askedAt = this.#options.clock.now();
    let redirects = 0;
    let repeats = 0;
    for (;;) {
      try {
        return await this.#attempt(request, options, askedAt, repeats > 0);
      } catch (error) {
        if (!isSluiceError(error)) throw error;
        if (error.code === 'redirected' && redirects++ < MAX_REDIRECTS && this.#follow(error)) continue;
        // An idle connection that the server closes meets the request on its way; a second one is fresh.
        if (error.code === 'connection-lost' && options.repeatable && repeats++ < 1) continue;
        throw error;
      }
    }
  }

  warn(message: string): void {
    this.#options.tracer.warn(message);
  }

  /** Sends what has no response: a notification, or our answer to a request of the server's. */
  async post(
    message: JsonRpcNotification | JsonRpcResult | JsonRpcErrorResponse,
    rules: WireRules | undefined,
  ): Promise<void> {
    const headers = postHeaders(message, this.#headerParts(rules));
    await this.#oneWay('POST', headers, Buffer.from(JSON.stringify(message)), JSON.stringify(message));
  }

  /** Tells the server that the session is over (2025-11-25, Session Management); servers may refuse with 405. */
  async deleteSession(rules: WireRules): Promise<void> {
    if (this.sessionId === undefined) return;
    const headers = bodilessHeaders('application/json', this.#headerParts(rules));
    this.sessionId = undefined;
    await this.#oneWay('DELETE', headers);
  }

  #attempt(
    request: JsonRpcRequest,
    options: SendOptions,
    askedAt: number,
    repeated: boolean,
  ): Promise<Reply> {
    const { pool, tracer, clock } = this.#options;
    const json = JSON.stringify(request);
    const body = Buffer.from(json);
    const trace = new RequestTrace(tracer, clock, ++this.#requests);
    const posted = new PostedRequest({
      request,
      url: this.#url,
      headers: postHeaders(request, this.#headerParts(options.rules, options.parameters)),
      inSession: this.sessionId !== undefined,
      askedAt,
      clock,
      trace,
      // Attempts share the time of their request.
      timeout: Math.max(1, askedAt + options.timeout - clock.now()),
      repeated,
      signal: options.signal,
      onMessage: options.onMessage,
      onCancel:
        options.rules?.cancellation === 'notification'
          ? (reason) => this.#notifyCancelled(request, reason, options)
          : undefined,
    });
    trace.message('sent', json);
    return posted.run(pool, body);
  }

  /** Legacy only: closing the stream says nothing there (2025-11-25, Cancellation). */
  #notifyCancelled(request: JsonRpcRequest, reason: string, { rules }: SendOptions): void {
    // "The initialize request MUST NOT be cancelled by clients."
    if (request.method === 'initialize') return;
    const params = { requestId: request.id, reason };
    void this.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params }, rules).catch(
      (error: Error) =>
        this.#options.tracer.warn(
          `the cancellation of request ${request.id} did not reach the server: ${error.message}`,
        ),
    );
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
    return { configured: this.#options.headers, rules, sessionId: this.sessionId, parameters };
  }

  #oneWay(
    method: 'POST' | 'DELETE',
    headers: Record<string, string>,
    body?: Buffer,
    json?: string,
  ): Promise<void> {
    const { pool, tracer, clock } = this.#options;
    const trace = new RequestTrace(tracer, clock, ++this.#requests);
    if (json !== undefined) trace.message('sent', json);
    trace.request(method, this.#url.href, headers, body?.length ?? 0);
    return new Promise((resolve, reject) => {
      const cancelTimeout = clock.schedule(SIDE_TIMEOUT, () =>
        exchange.abort(
          new SluiceError('request-timeout', `no answer to ${method} in ${SIDE_TIMEOUT} ms`, {
            delivery: 'unknown',
          }),
        ),
      );
      const path = `${this.#url.pathname}${this.#url.search}`;
      const exchange = pool.dispatch(
        { method, path, headers, ...(body === undefined ? {} : { body }) },
        {
          onHeaders(status, responseHeaders) {
            trace.response(exchange, status, responseHeaders);
            cancelTimeout();
            // The answer is the status; whatever follows it is drained.
            exchange.release();
            if (status >= 200 && status < 300) resolve();
            else
              reject(
                new SluiceError('http-status', `the server answered HTTP ${status}`, {
                  delivery: 'answered',
                  status,
                }),
              );
          },
          onData() {},
          onEnd() {},
          onError(error) {
            cancelTimeout();
            reject(error);
          },
          onDrained: (report) => trace.drained(exchange, report),
        },
        'aside',
      );
    });
  }
}
