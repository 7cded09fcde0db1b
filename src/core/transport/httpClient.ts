import { DEFAULT_MESSAGE, type MessageConfig } from '../config/serverConfig.ts';
import type { ConnectionPool } from '../http/connectionPool.ts';
import { encodeMessage } from '../jsonrpc/encodeMessage.ts';
import type { JsonRpcErrorResponse, JsonRpcNotification, JsonRpcResult } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Tracer } from '../trace/tracer.ts';
import type { CallLog } from './callLog.ts';
import { type MessageBounds, messageBounds } from './messageBounds.ts';
import { type OneWayOptions, oneWay } from './oneWay.ts';
import type { HeaderParts } from './requestHeaders.ts';
import { RequestTrace } from './requestTrace.ts';
import type { PostOptions } from './transport.ts';

export interface HttpClientOptions {
  /** From the settings. */
  readonly headers: Readonly<Record<string, string>>;
  readonly pool: ConnectionPool;
  /** Of a message; `DEFAULT_MESSAGE` where absent. */
  readonly message?: MessageConfig | undefined;
  readonly tracer: Tracer;
  readonly clock: Clock;
}

/**
 * What Streamable HTTP and HTTP+SSE send with to one server: the connections, the headers of the settings, and the bounds
 * of a message.
 */
export class HttpClient {
  readonly pool: ConnectionPool;
  readonly clock: Clock;
  /** Of each message that the server sends. */
  readonly bounds: MessageBounds;
  readonly #configured: Readonly<Record<string, string>>;
  readonly #tracer: Tracer;

  constructor({ headers, pool, message = DEFAULT_MESSAGE, tracer, clock }: HttpClientOptions) {
    this.pool = pool;
    this.clock = clock;
    this.bounds = messageBounds(message);
    this.#configured = headers;
    this.#tracer = tracer;
  }

  /** @param kind as the tracer's */
  warn(message: string, kind?: string): void {
    this.#tracer.warn(message, kind);
  }

  /** Of one HTTP request. @param call that it is a part of */
  newTrace(call?: CallLog): RequestTrace {
    return new RequestTrace(this.#tracer, this.clock, call);
  }

  /** What the headers of a request are made of. */
  headerParts(way: Omit<HeaderParts, 'configured'>): HeaderParts {
    return { configured: this.#configured, ...way };
  }

  /** POSTs what has no response. @throws SluiceError where the HTTP status is no success */
  post(
    message: JsonRpcNotification | JsonRpcResult | JsonRpcErrorResponse,
    to: Pick<OneWayOptions, 'url' | 'headers'>,
    options: PostOptions | undefined,
  ): Promise<void> {
    const json = encodeMessage(message);
    const trace = this.newTrace(options?.call);
    trace.message('sent', json);
    return this.#oneWay({ method: 'POST', body: Buffer.from(json), trace, ...to, ...options });
  }

  /** @throws SluiceError where the HTTP status is no success */
  delete(to: Pick<OneWayOptions, 'url' | 'headers'>): Promise<void> {
    return this.#oneWay({ method: 'DELETE', trace: this.newTrace(), ...to });
  }

  #oneWay(options: Omit<OneWayOptions, 'pool' | 'clock'>): Promise<void> {
    return oneWay({ ...options, pool: this.pool, clock: this.clock });
  }
}
