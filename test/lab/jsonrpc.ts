/** The JSON-RPC shapes the lab reads and writes. Only the members it looks at are typed; it never validates more. */
export type Id = string | number;

/** A request with this header is not checked against the schema: tests of servers send what no client should. */
export const SCHEMA_UNCHECKED = 'lab-unchecked';

export interface ClientCapabilities {
  readonly elicitation?: object;
  readonly [key: string]: unknown;
}

export interface Meta {
  readonly progressToken?: Id;
  readonly 'io.modelcontextprotocol/protocolVersion'?: string;
  readonly 'io.modelcontextprotocol/clientCapabilities'?: ClientCapabilities;
  readonly 'io.modelcontextprotocol/logLevel'?: string;
  readonly 'io.modelcontextprotocol/clientInfo'?: { readonly name: string; readonly version: string };
  readonly [key: string]: unknown;
}

export interface Params {
  readonly name?: string;
  readonly uri?: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly protocolVersion?: string;
  readonly capabilities?: ClientCapabilities;
  readonly requestId?: Id;
  readonly notifications?: Readonly<Record<string, unknown>>;
  readonly inputResponses?: Readonly<Record<string, unknown>>;
  readonly requestState?: string;
  readonly _meta?: Meta;
  readonly [key: string]: unknown;
}

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** What a client may post: a request, a notification, or (legacy) a response to the server's own request. */
export interface Message {
  readonly jsonrpc: '2.0';
  readonly id?: Id;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: unknown;
  readonly error?: RpcError;
}

export interface Request extends Message {
  readonly id: Id;
  readonly method: string;
}

export interface Response {
  readonly jsonrpc: '2.0';
  readonly id: Id;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: RpcError;
}

export interface Notification {
  readonly jsonrpc: '2.0';
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** What the server may put on a stream: notifications, in legacy requests of its own, and the response. */
export type Outgoing = Notification | Request | Response;

export function isRequest(message: Message | undefined): message is Request {
  return message?.method !== undefined && message.id !== undefined;
}
