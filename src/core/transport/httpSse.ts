import { isSluiceError, SluiceError } from '../errors.ts';
import type { Far, Following } from '../http/connectionPool.ts';
import { encodeMessage } from '../jsonrpc/encodeMessage.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import {
  type JsonRpcErrorResponse,
  type JsonRpcMessage,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResult,
  ownId,
  type Received,
  type RequestId,
} from '../jsonrpc/message.ts';
import { cancelled } from './answerFailure.ts';
import { EventStream } from './eventStream.ts';
import type { HttpClient } from './httpClient.ts';
import { describeExcess, type Excess, settingFor } from './messageBounds.ts';
import { notifyCancelled } from './notifyCancelled.ts';
import type { Reply } from './reply.ts';
import { bodilessHeaders, postHeaders } from './requestHeaders.ts';
import { SseRequest } from './sseRequest.ts';
import type { Endpoint, Listener, PostOptions, SendOptions, Transport } from './transport.ts';
import type { WireRules } from './wireRules.ts';

export interface OpenOptions {
  /** Milliseconds until the event `endpoint`. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/** What a GET has found. */
export type Opened =
  | { readonly kind: 'open'; readonly endpoint: HttpSse }
  /** No server of HTTP+SSE. */
  | {
      readonly kind: 'absent';
      readonly error: SluiceError;
      /** An event stream was opened all the same. */
      readonly isStream: boolean;
    };

/** Milliseconds in which a server that has an endpoint names it. */
const ENDPOINT_TIMEOUT = 10_000;

/**
 * The transport of 2024-11-05, deprecated since (2024-11-05, HTTP with SSE): a GET opens the one stream on which
 * everything comes, its first event says where messages are POSTed. The stream is the session: with it all ends.
 */
export class HttpSse implements Endpoint {
  readonly kind = 'http+sse';
  readonly #http: HttpClient;
  readonly #underWay = new Map<RequestId, SseRequest>();
  readonly #stream: EventStream;
  readonly #endpoint = Promise.withResolvers<URL>();
  #url: URL;
  #listener: Listener | undefined;
  #isOpen = false;
  #isNamed = false;
  #isOver = false;
  /** Of the first event, where it is not the one that names the endpoint. */
  #firstEvent: string | undefined;

  /** @throws SluiceError where it is cancelled, or names an endpoint that is none of its own */
  static async open(http: HttpClient, url: URL, { timeout, signal }: OpenOptions): Promise<Opened> {
    const opening = new HttpSse(http, url);
    const cancelTimeout = http.clock.schedule(Math.min(timeout, ENDPOINT_TIMEOUT), () =>
      opening.#end(noEndpoint(opening.#firstEvent)),
    );
    const onAbort = () => opening.#end(cancelledBy(signal?.reason));
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    try {
      opening.#url = await opening.#endpoint.promise;
      return { kind: 'open', endpoint: opening };
    } catch (error) {
      if (!isSluiceError(error) || FINAL.has(error.code)) throw error;
      return { kind: 'absent', error, isStream: opening.#isOpen };
    } finally {
      cancelTimeout();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  private constructor(http: HttpClient, url: URL) {
    const { pool, bounds, clock } = http;
    this.#http = http;
    this.#url = url;
    this.#stream = new EventStream({
      pool,
      bounds,
      clock,
      url,
      headers: () =>
        bodilessHeaders('text/event-stream', http.headerParts({ rules: undefined, sessionId: undefined })),
      inSession: false,
      lane: 'stream',
      trace: http.newTrace(),
      handlers: {
        onOpen: () => {
          this.#isOpen = true;
        },
        onEvent: (event) => {
          if (this.#isNamed)
            return event.event === 'message' ? undefined : this.#onlyOne?.instead.event(event);
          // Some servers greet before they name it: a ping, a comment in an event of its own.
          if (event.event === 'endpoint') this.#named(event.data);
          else this.#firstEvent ??= event.event;
        },
        onMessage: (received, text) => this.#onMessage(received, text),
        onOverflow: (excess) => this.#end(overflowed(excess)),
        onRefused: (error) => this.#end(error),
        onClosed: (error) => {
          const isOurs = error?.code === 'closed' || error?.code === 'queue-full';
          const isTold = error !== undefined && (isOurs || !this.#isNamed);
          this.#end(isTold ? error : lost(error?.message ?? 'it ended'));
        },
      },
    });
  }

  expect(following: Following, far: Far): void {
    this.#http.pool.expect({ ...following, stream: false }, far);
  }

  transport(rules: WireRules | undefined): Transport {
    const isOver = () => this.#isOver;
    return {
      get isOver() {
        return isOver();
      },
      send: (request, options) => this.#send(request, options, rules),
      post: (message, options) => this.#post(message, rules, options),
      listen: async (listener) => {
        this.#listener = listener;
      },
      leave: () => this.close(),
      // Its end tells the server.
      end: async () => this.close(),
    };
  }

  /** With the stream, everything on it ends. */
  close(): void {
    this.#end(new SluiceError('closed', 'The session has ended', { delivery: 'unknown' }));
  }

  async #send(
    request: JsonRpcRequest,
    { signal, timeout, call }: SendOptions,
    rules: WireRules | undefined,
  ): Promise<Reply> {
    if (this.#isOver) throw sessionLost();
    const { pool, clock, bounds } = this.#http;
    const json = encodeMessage(request);
    if (signal?.aborted === true)
      return call.attempt(Promise.reject(cancelled(request, signal.reason).but({ delivery: 'not-sent' })));
    const trace = this.#http.newTrace(call);
    trace.message('sent', json);
    const transport = this.transport(rules);
    const sent = new SseRequest({
      request,
      url: this.#url,
      headers: () => this.#headers(request, rules),
      body: Buffer.from(json),
      streamHeaders: this.#stream.http.headers,
      pool,
      clock,
      trace,
      bounds,
      onMessage: (received) => this.#onMessage(received),
      timeout,
      signal,
      onCancel: (reason) => notifyCancelled(transport, request, reason, this.#http, call),
    });
    this.#underWay.set(request.id, sent);
    try {
      return await call.attempt(sent.reply);
    } finally {
      this.#underWay.delete(request.id);
    }
  }

  async #post(
    message: JsonRpcNotification | JsonRpcResult | JsonRpcErrorResponse,
    rules: WireRules | undefined,
    options?: PostOptions,
  ): Promise<void> {
    if (this.#isOver) throw sessionLost();
    const headers = () => this.#headers(message, rules);
    await this.#http.post(message, { url: this.#url, headers }, options);
  }

  /** "An SSE event […] containing a URI for the client to use for sending messages." */
  #named(data: string): void {
    this.#isNamed = true;
    const url = this.#url;
    const endpoint = URL.canParse(data, url.href) ? new URL(data, url) : undefined;
    // What is sent there carries the headers of the settings: another origin must not get them.
    if (endpoint?.origin === url.origin) return this.#endpoint.resolve(endpoint);
    const named = data.length > 200 ? `${data.slice(0, 200)}…` : data;
    this.#end(
      new SluiceError(
        'protocol-unsupported',
        `The server wants messages to be sent to another origin: ${named}`,
        {
          phase: 'negotiation',
          delivery: 'not-sent',
          hint: `Sluice sends messages for this server only to ${url.origin}. If you trust the other origin, set it as the URL.`,
        },
      ),
    );
  }

  #onMessage(received: Received, text = ''): void {
    // A stream of Streamable HTTP has messages, and never names an endpoint.
    if (!this.#isNamed && received.kind !== 'invalid') return this.#end(noEndpoint(this.#firstEvent));
    switch (received.kind) {
      case 'notification':
        for (const asked of this.#underWay.values()) asked.instead.notification(received.message);
        return this.#listener?.onMessage(received, (id) => this.#hold(id));
      case 'request':
        return this.#listener?.onMessage(received, (id) => this.#hold(id));
      case 'result':
      case 'error': {
        const { id } = received.message;
        const asked = this.#underWay.get(ownId(id) as RequestId);
        if (asked?.isSent === true) return asked.answer(received.message);
        if (id !== undefined && id !== null) this.#onlyOne?.instead.response(id);
        if (received.kind === 'error' && this.#onlyOne?.takeStray(received.message) === true) return;
        // Some servers answer twice, in the POST's body and on the stream.
        return this.#http.warn(
          `a response with the id ${excerpt(id)} was ignored: no request is waiting for it`,
          'a response that no request is waiting for',
        );
      }
      case 'invalid':
        this.#onlyOne?.instead.unreadable(text, received.problem);
        return this.#http.warn(`a message was ignored, because ${received.problem}`, 'an invalid message');
    }
  }

  /** The request under way, where there is but one that an error may be meant for. */
  get #onlyOne(): SseRequest | undefined {
    const sent = [...this.#underWay.values()].filter(({ isSent }) => isSent);
    return sent.length === 1 ? sent[0] : undefined;
  }

  #hold(id: RequestId): () => void {
    return this.#underWay.get(id)?.hold() ?? (() => undefined);
  }

  #end(error: SluiceError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#endpoint.reject(error);
    // Whoever waited for it has been told; later nobody asks.
    this.#endpoint.promise.catch(() => undefined);
    // The last first: a connection that becomes free must not take one that waits.
    for (const sent of [...this.#underWay.values()].reverse()) sent.callOff(error);
    this.#stream.abort(error);
  }

  #headers(message: JsonRpcMessage, rules: WireRules | undefined): Record<string, string> {
    return postHeaders(message, this.#http.headerParts({ rules, sessionId: undefined }));
  }
}

/** They say that nobody wants to know any more, or that there is a server of HTTP+SSE which cannot be spoken to. */
const FINAL: ReadonlySet<string> = new Set(['cancelled', 'closed', 'protocol-unsupported']);

function noEndpoint(firstEvent: string | undefined): SluiceError {
  const first = firstEvent === undefined ? '' : ` (its first event was ${excerpt(firstEvent)})`;
  const because = `its stream brought no event "endpoint" in time${first}`;
  return new SluiceError('not-mcp', `The server does not speak HTTP+SSE (2024-11-05): ${because}`, {
    phase: 'negotiation',
    delivery: 'answered',
  });
}

function lost(how: string): SluiceError {
  return new SluiceError('connection-lost', `The stream on which the server answers was lost: ${how}`, {
    phase: 'stream',
    delivery: 'unknown',
    hint: 'The server may have run the request. Look at its log before you send it again.',
  });
}

function overflowed(excess: Excess): SluiceError {
  const setting = settingFor(excess);
  const bound = setting === undefined ? '' : `; ${setting} is ${excess.max}`;
  return lost(`what came on it has ${describeExcess(excess)}${bound}`);
}

function sessionLost(): SluiceError {
  return new SluiceError('session-lost', 'The stream on which the server answers was lost', {
    phase: 'queued',
    delivery: 'not-sent',
  });
}

function cancelledBy(reason: unknown): SluiceError {
  if (isSluiceError(reason)) return reason;
  return new SluiceError('cancelled', 'The attempt to connect was cancelled', { delivery: 'not-sent' });
}
