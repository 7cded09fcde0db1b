/** JSON-RPC 2.0 as MCP restricts it: ids are strings or whole numbers, never null (2026-07-28, basic, Messages). */
export type RequestId = string | number;

export interface JsonRpcRequest {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface JsonRpcNotification {
  readonly jsonrpc: '2.0';
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface JsonRpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export interface JsonRpcResult {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly result: Readonly<Record<string, unknown>>;
}

export interface JsonRpcErrorResponse {
  readonly jsonrpc: '2.0';
  /** Absent or null where the server could not read the request's id. */
  readonly id?: RequestId | null;
  readonly error: JsonRpcError;
}

export type JsonRpcMessage = JsonRpcRequest | JsonRpcNotification | JsonRpcResult | JsonRpcErrorResponse;

/** A received message and what it is; `invalid` says what is wrong with it. */
export type Received =
  | { readonly kind: 'request'; readonly message: JsonRpcRequest }
  | { readonly kind: 'notification'; readonly message: JsonRpcNotification }
  | { readonly kind: 'result'; readonly message: JsonRpcResult }
  | { readonly kind: 'error'; readonly message: JsonRpcErrorResponse }
  | { readonly kind: 'invalid'; readonly problem: string };

/** Messages of one batch. */
const MAX_BATCH = 1_000;

/**
 * Reads one body or one event's data, whose size was bounded before.
 * @param batches whether it may be an array of messages, which only 2025-03-26 allows; they are read one by one
 */
export function parseMessages(text: string, batches = false): readonly Received[] {
  if (!batches && /^\s*\[/.test(text))
    return [{ kind: 'invalid', problem: 'it is an array: only 2025-03-26 has batches' }];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return [{ kind: 'invalid', problem: `it is not JSON: ${(error as Error).message}` }];
  }
  if (!Array.isArray(value)) return [classify(value)];
  if (value.length > MAX_BATCH)
    return [
      {
        kind: 'invalid',
        problem: `it is a batch of ${value.length} messages, and ${MAX_BATCH} are the most`,
      },
    ];
  return value.map(classify);
}

/** The value becomes the message: of a response only what makes it one is left, a result or an error, and never both. */
export function classify(value: unknown): Received {
  if (!isObject(value)) return { kind: 'invalid', problem: 'it is not a JSON object' };
  if (value['jsonrpc'] !== '2.0') return { kind: 'invalid', problem: 'its "jsonrpc" is not "2.0"' };
  const { id, method } = value;
  if (typeof method === 'string') {
    if (id === undefined) return { kind: 'notification', message: value as unknown as JsonRpcNotification };
    if (isRequestId(id)) return { kind: 'request', message: value as unknown as JsonRpcRequest };
    return {
      kind: 'invalid',
      problem: 'the "id" of the request is neither a string nor a whole number that can be sent back',
    };
  }
  if (isObject(value['error'])) {
    const { code, message } = value['error'];
    if (typeof code !== 'number' || typeof message !== 'string')
      return { kind: 'invalid', problem: 'its "error" has no numeric "code" or no "message"' };
    if (id !== undefined && id !== null && !isRequestId(id))
      return {
        kind: 'invalid',
        problem: 'the "id" of the error is neither a string nor a whole number that can be sent back',
      };
    // Many servers write the member that a response has not as `null`.
    delete value['result'];
    return { kind: 'error', message: value as unknown as JsonRpcErrorResponse };
  }
  if (isObject(value['result'])) {
    if (!isRequestId(id)) return { kind: 'invalid', problem: 'the response has no "id"' };
    delete value['error'];
    return { kind: 'result', message: value as unknown as JsonRpcResult };
  }
  return { kind: 'invalid', problem: 'it has neither "method" nor "result" nor "error"' };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRequestId(value: unknown): value is RequestId {
  // One that JSON reads as another number could not be sent back.
  return typeof value === 'string' || Number.isSafeInteger(value);
}
