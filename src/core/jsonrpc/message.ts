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
  /** `id` where it is there: then it was to be the answer to that request. */
  | { readonly kind: 'invalid'; readonly problem: string; readonly id?: RequestId };

/** Messages of one batch. */
const MAX_BATCH = 1_000;

/**
 * Reads one body or one event's data, whose size was bounded before: a message, or an array of them, read one by one.
 * 2025-03-26 alone has such batches, but gateways wrap a single message so in any revision, and the official clients take it.
 * A byte order mark before the JSON is passed over.
 */
export function parseMessages(text: string): readonly Received[] {
  let value: unknown;
  try {
    value = JSON.parse(withoutMark(text));
  } catch (error) {
    return [{ kind: 'invalid', problem: `it is not JSON: ${(error as Error).message}` }];
  }
  if (!Array.isArray(value)) return [classify(value)];
  if (value.length === 0) return [{ kind: 'invalid', problem: 'it is a batch without messages' }];
  if (value.length > MAX_BATCH)
    return [
      {
        kind: 'invalid',
        problem: `it is a batch of ${value.length} messages, and at most ${MAX_BATCH} are accepted`,
      },
    ];
  return value.map(classify);
}

/** "Implementations that parse JSON texts MAY ignore the presence of a byte order mark" (RFC 8259, 8.1). */
export function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/**
 * Makes of the value the message that its type describes: a member that is `null` counts as absent, and a response keeps either
 * its result or its error, never both. Code behind this need not check it again.
 */
export function classify(value: unknown): Received {
  if (!isObject(value)) return { kind: 'invalid', problem: 'it is not a JSON object' };
  if (value['jsonrpc'] !== '2.0') return { kind: 'invalid', problem: 'its "jsonrpc" is not "2.0"' };
  if (typeof value['method'] === 'string') return called(value);
  delete value['method'];
  const { id, result, error } = value;
  const fault = errorOf(error, isObject(result));
  if (fault !== undefined) {
    // Some servers write the member that a response has not as `null`.
    delete value['result'];
    value['error'] = fault;
    if (!isRequestId(id)) delete value['id'];
    return { kind: 'error', message: value as unknown as JsonRpcErrorResponse };
  }
  if (isObject(result) || (result === null && 'result' in value)) {
    if (!isRequestId(id)) return { kind: 'invalid', problem: 'the response has no "id"' };
    delete value['error'];
    value['result'] = result ?? {};
    return { kind: 'result', message: value as unknown as JsonRpcResult };
  }
  const named = isRequestId(id) ? { id } : {};
  if (result === undefined)
    return { kind: 'invalid', problem: 'it has neither "method" nor "result" nor "error"', ...named };
  return { kind: 'invalid', problem: 'its "result" is not an object', ...named };
}

/** A request or a notification. */
function called(value: Record<string, unknown>): Received {
  if (!isObject(value['params'])) delete value['params'];
  const { id } = value;
  if (id === undefined || id === null) {
    delete value['id'];
    return { kind: 'notification', message: value as unknown as JsonRpcNotification };
  }
  if (isRequestId(id)) return { kind: 'request', message: value as unknown as JsonRpcRequest };
  return {
    kind: 'invalid',
    problem: 'the "id" of the request is neither a string nor a whole number that can be sent back',
  };
}

/** The error of a response; undefined where there is none. Beside a result, only one that has a code and a message counts. */
function errorOf(error: unknown, hasResult: boolean): JsonRpcError | undefined {
  if (typeof error === 'string' && error !== '' && !hasResult) return { code: NO_CODE, message: error };
  if (!isObject(error)) return undefined;
  const code = codeOf(error['code']);
  const message = typeof error['message'] === 'string' ? error['message'] : undefined;
  if (hasResult && (code === undefined || message === undefined)) return undefined;
  const read = { ...error, code: code ?? NO_CODE, message: message ?? 'the error has no message' };
  if (error['data'] === null) delete (read as Record<string, unknown>)['data'];
  return read;
}

/** In place of a code that is not there. JSON-RPC gives it no meaning. */
const NO_CODE = 0;

function codeOf(code: unknown): number | undefined {
  if (typeof code === 'number') return code;
  return typeof code === 'string' && WHOLE_NUMBER.test(code) ? Number(code) : undefined;
}

/**
 * An id or a progress token that came back: this client gives whole numbers, and some gateways and servers that keep every id as
 * a text bring "7" for 7. Any other value is as it was.
 */
export function ownId(value: unknown): unknown {
  if (typeof value !== 'string' || !WHOLE_NUMBER.test(value)) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const WHOLE_NUMBER = /^-?\d{1,16}$/;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRequestId(value: unknown): value is RequestId {
  // One that JSON reads as another number could not be sent back.
  return typeof value === 'string' || Number.isSafeInteger(value);
}
