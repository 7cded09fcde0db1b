import type { IncomingMessage } from 'node:http';
import {
  INTERNAL_ERROR,
  isLegacyRequest,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  type McpHttpHandler,
  PARSE_ERROR,
  validateHostHeader,
  validateOriginHeader,
} from '@modelcontextprotocol/server';
import { jsonRpcError } from './jsonRpcError.ts';
import type { LegacySessions } from './legacySessions.ts';
import { missingCapability } from './missingCapability.ts';
import { readBody } from './readBody.ts';

export const MCP_PATH = '/mcp';
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Both eras on one path: what carries the modern `_meta` is served statelessly, all else belongs to a session. */
export interface Eras {
  readonly modern: McpHttpHandler;
  readonly legacy: LegacySessions;
}

/** The answer to an HTTP request; undefined where the client has left. Never rejects. */
export async function answer(request: IncomingMessage, eras: Eras): Promise<Response | undefined> {
  try {
    return refuse(request) ?? (await dispatch(request, eras));
  } catch {
    return jsonRpcError({ status: 500, code: INTERNAL_ERROR, message: 'Internal error' });
  }
}

/**
 * "Servers MUST validate the `Origin` header on all incoming connections to prevent DNS rebinding attacks":
 * a web page reaches a loopback port under a name of its own, which Host and Origin then show.
 */
function refuse({ headers, url = '' }: IncomingMessage): Response | undefined {
  const host = validateHostHeader(headers.host, localhostAllowedHostnames());
  if (!host.ok) return jsonRpcError({ status: 403, code: -32000, message: host.message });
  const origin = validateOriginHeader(headers.origin, localhostAllowedOrigins());
  if (!origin.ok) return jsonRpcError({ status: 403, code: -32000, message: origin.message });
  if (url.split('?', 1)[0] === MCP_PATH) return undefined;
  return new Response(`Nothing here. The MCP endpoint is ${MCP_PATH}\n`, { status: 404 });
}

async function dispatch(incoming: IncomingMessage, { modern, legacy }: Eras): Promise<Response | undefined> {
  const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method ?? 'GET',
    headers: headersOf(incoming),
  });
  if (request.method !== 'POST') return legacy.handle(request, undefined);

  const body = await readBody(incoming, MAX_BODY_BYTES);
  if (body.kind === 'aborted') return undefined;
  if (body.kind === 'too-large') {
    const message = `The request body must not exceed ${MAX_BODY_BYTES} bytes`;
    return jsonRpcError({ status: 413, code: -32000, message });
  }
  const message = parse(body.text);
  if (message === undefined) {
    return jsonRpcError({ status: 400, code: PARSE_ERROR, message: 'The request body is not valid JSON' });
  }
  if (await isLegacyRequest(request, message)) return legacy.handle(request, message);
  return missingCapability(message) ?? modern.fetch(request, { parsedBody: message });
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  return headers;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
