import type { Answer } from './answer.ts';
import type { Request, Response, RpcError } from './jsonrpc.ts';

export type Era = 'modern' | 'legacy';

/** What came of a request, before a mode sends it. */
export type Outcome =
  /** Framed as the mode likes. */
  | { readonly kind: 'response'; readonly response: Response }
  /** The protocol itself asks for this answer (202, 400, a long-lived stream): no mode applies. */
  | { readonly kind: 'http'; readonly answer: Answer }
  /** The client gave up: nothing more is sent. */
  | { readonly kind: 'cancelled' };

export const SERVER_INFO = { name: 'sluice-lab', version: '1.0.0' };

export function result(era: Era, { id }: Request, members: Readonly<Record<string, unknown>>): Outcome {
  const modern = { resultType: 'complete', _meta: { 'io.modelcontextprotocol/serverInfo': SERVER_INFO } };
  const whole = era === 'modern' ? { ...modern, ...members } : members;
  return { kind: 'response', response: { jsonrpc: '2.0', id, result: whole } };
}

export function failure({ id }: Request, error: RpcError): Outcome {
  return { kind: 'response', response: { jsonrpc: '2.0', id, error } };
}

export function http(answer: Answer): Outcome {
  return { kind: 'http', answer };
}
