import type { JsonRpcMessage } from '../jsonrpc/message.ts';
import type { WireRules } from './wireRules.ts';

/** Set on every request, and therefore refused in the settings' `headers`. */
export const USER_AGENT = 'sluice';

export interface HeaderParts {
  /** From the settings; they lose against every header of the protocol. */
  readonly configured: Readonly<Record<string, string>>;
  readonly rules: WireRules | undefined;
  readonly sessionId: string | undefined;
  /** `Mcp-Param-*`, encoded already. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/** Headers of a POST that carries `message` (2026-07-28, Streamable HTTP: Sending Messages, Request Metadata). */
export function postHeaders(message: JsonRpcMessage, parts: HeaderParts): Record<string, string> {
  const headers: Record<string, string> = {
    ...commonHeaders(parts),
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  if (parts.rules?.mirrorsBody === true && 'method' in message) {
    headers['mcp-method'] = message.method;
    const name = mirroredName(message.method, message.params);
    if (name !== undefined) headers['mcp-name'] = encodeHeaderValue(name);
    Object.assign(headers, parts.parameters);
  }
  return headers;
}

/** Headers of a request without a body: GET for a stream, DELETE for a session. */
export function bodilessHeaders(accept: string, parts: HeaderParts): Record<string, string> {
  return { ...commonHeaders(parts), accept };
}

function commonHeaders({ configured, rules, sessionId }: HeaderParts): Record<string, string> {
  // Absent, any coding would be acceptable (RFC 9110, Accept-Encoding), and a compressed stream is a late one.
  const headers: Record<string, string> = { 'user-agent': USER_AGENT, 'accept-encoding': 'identity' };
  for (const [name, value] of Object.entries(configured)) headers[name.toLowerCase()] = value;
  if (rules?.versionHeader === true) headers['mcp-protocol-version'] = rules.version;
  if (sessionId !== undefined) headers['mcp-session-id'] = sessionId;
  return headers;
}

/** The member of the body that `Mcp-Name` repeats (Standard Request Headers). */
function mirroredName(
  method: string,
  params: Readonly<Record<string, unknown>> | undefined,
): string | undefined {
  const member = MIRRORED[method];
  const value = member === undefined ? undefined : params?.[member];
  return typeof value === 'string' ? value : undefined;
}

const MIRRORED: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  // ext-tasks, Streamable HTTP: Routing Headers
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/**
 * A value as a header may carry it (Value Encoding): as it is where it is plain ASCII without white space at its
 * ends, and else in Base64 of its UTF-8 between `=?base64?` and `?=`. What looks encoded already is encoded again.
 */
export function encodeHeaderValue(value: string): string {
  const plain = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/.test(value);
  const looksEncoded = value.startsWith('=?base64?') && value.endsWith('?=');
  return plain && !looksEncoded ? value : `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}
