import type { Far, Following, Lane } from '../http/connectionPool.ts';
import type {
  JsonRpcErrorResponse,
  JsonRpcNotification,
  JsonRpcRequest,
  JsonRpcResult,
  RequestId,
} from '../jsonrpc/message.ts';
import type { CallLog } from './callLog.ts';
import type { Reply, ServerMessage } from './reply.ts';
import type { WireRules } from './wireRules.ts';

/** @param hold stops the time of the request while a person is asked; what it returns lets it run again */
export type OnMessage = (message: ServerMessage, hold: () => () => void) => void;

export interface SendOptions {
  /** That of the call which the request belongs to. */
  readonly call: CallLog;
  /** `Mcp-Param-*`, encoded. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the response. */
  readonly timeout: number;
  /** It is written, for the first time. */
  readonly onSent?: (() => void) | undefined;
  /** Requests and notifications that the server sends on the response's stream, also after the response. */
  readonly onMessage?: OnMessage | undefined;
  /**
   * The same request under a new id, to be sent where it is not known whether the server ran the one before; absent where
   * it may run once only.
   */
  readonly reissue?: (() => JsonRpcRequest) | undefined;
  /** `stream` where the response stays open; `call` where absent. */
  readonly lane?: Lane;
  /**
   * Gets the answer to a request that was aborted after it had been sent. With this such a request is not called off: the
   * server is told nothing, and has the rest of its time to answer.
   */
  readonly onLateAnswer?: ((message: JsonRpcResult | JsonRpcErrorResponse) => void) | undefined;
}

/** Of what has no response. */
export interface PostOptions {
  /** That of the call which it is a part of; absent where it is of none. */
  readonly call?: CallLog | undefined;
  /** It is written: the server gets it, whatever becomes of the HTTP status. */
  readonly onSent?: () => void;
  /** Milliseconds for the HTTP status from then on; 10 s where absent. */
  readonly answerTimeout?: number;
  /** The same, where it holds the only connection that the calls may have. */
  readonly givesWayAfter?: number;
}

/** Whoever listens to what a server says unasked. */
export interface Listener {
  /** @param hold stops the time of the request with this id, if it is under way; what it returns lets it run again */
  readonly onMessage: (message: ServerMessage, hold: (id: RequestId) => () => void) => void;
  /** There was a time in which the server may have spoken and was not heard. */
  readonly onGap: () => void;
}

/**
 * Carries JSON-RPC messages to one server and back, in one session, as one revision has it: nothing in it changes but that
 * the session ends.
 */
export interface Transport {
  /** The session that it belongs to has ended. Never true of a server that keeps none. */
  readonly isOver: boolean;
  /**
   * Sends a request and gives the message that answers it, be it a result or an error.
   * @throws SluiceError where no such message came; its `delivery` is the word of the whole call
   */
  send(request: JsonRpcRequest, options: SendOptions): Promise<Reply>;
  /** Sends what has no response: a notification, or our answer to a request of the server's. */
  post(
    message: JsonRpcNotification | JsonRpcResult | JsonRpcErrorResponse,
    options?: PostOptions,
  ): Promise<void>;
  /**
   * Hears what the server says unasked, where there is a way to. Without effect where it is heard already.
   * @returns a promise that resolves when it is heard, or found that it cannot be; it never rejects
   */
  listen(listener: Listener): Promise<void>;
  /** The server has lost the session, or has another one: it ends here, and the server is not told. */
  leave(): void;
  /** Ends the session, and tells the server where the transport has a way to. @throws SluiceError */
  end(): Promise<void>;
}

/** The transports of the protocol, by the revision that defines them first: 2024-11-05, and 2025-03-26. */
export type TransportKind = 'http+sse' | 'streamable-http';

/** Where a server is spoken to, before it is known in which revision and in which session. */
export interface Endpoint {
  readonly kind: TransportKind;
  /** The server is about to say how it is spoken to, and what follows comes at once: connections are opened for it. */
  expect(following: Following, far: Far): void;
  /**
   * Sends nothing by itself.
   * @param rules undefined before the revision is known: `initialize` carries none
   * @param sessionId `Mcp-Session-Id`; undefined where the server keeps no session, and where the endpoint is the session
   */
  transport(rules: WireRules | undefined, sessionId?: string): Transport;
}
