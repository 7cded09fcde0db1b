import type { RequestId } from '@modelcontextprotocol/server';

interface JsonRpcFailure {
  /** HTTP status. */
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
  /** Absent where no request could be read: the answer then has the id null. */
  readonly id?: RequestId;
  readonly headers?: Record<string, string>;
}

/** An HTTP error whose body is a JSON-RPC error, so that a client can tell what is wrong. */
export function jsonRpcError({ status, headers, id = undefined, ...error }: JsonRpcFailure): Response {
  return Response.json({ jsonrpc: '2.0', id: id ?? null, error }, { status, ...(headers && { headers }) });
}
