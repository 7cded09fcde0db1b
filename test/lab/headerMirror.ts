import { isRequest, type Request } from './jsonrpc.ts';
import type { Received } from './ledger.ts';
import type { Tools } from './tools.ts';

/**
 * The first header that does not mirror the body as 2026-07-28 asks, said in words; undefined where all do.
 * "Servers that process the request body MUST reject requests where the values specified in the headers
 * do not match the corresponding values in the request body."
 */
export function headerMismatch(request: Received, tools: Tools): string | undefined {
  const { message, headers } = request;
  if (!isRequest(message)) return undefined;
  for (const [header, value] of mirrored(message, tools)) {
    const found = decode(headers[header.toLowerCase()]);
    if (found !== value)
      return `${header} header value ${quote(found)} does not match body value ${quote(value)}`;
  }
  return undefined;
}

/** Header name -> the value the body asks for; undefined where the header must be absent. */
function* mirrored({ method, params }: Request, tools: Tools): Generator<[string, string | undefined]> {
  yield ['MCP-Protocol-Version', params?._meta?.['io.modelcontextprotocol/protocolVersion']];
  yield ['Mcp-Method', method];
  const named = MIRRORED[method];
  if (named === undefined) return;
  yield ['Mcp-Name', params?.[named] as string | undefined];
  if (method !== 'tools/call') return;
  const schema = tools.get(params?.name ?? '')?.definition.inputSchema;
  if (schema !== undefined) yield* annotated(schema, params?.arguments);
}

/** The member of the body that `Mcp-Name` repeats. */
const MIRRORED: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/** The `x-mcp-header` annotations that `properties` alone leads to, with the value at the same path of `value`. */
function* annotated(schema: object, value: unknown): Generator<[string, string | undefined]> {
  for (const [name, property] of Object.entries(member(schema, 'properties') ?? {})) {
    const at = member(value, name);
    const header = member(property, 'x-mcp-header');
    if (typeof header === 'string') yield [`Mcp-Param-${header}`, at == null ? undefined : String(at)];
    yield* annotated(property as object, at);
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function decode(value: string | undefined): string | undefined {
  const encoded = /^=\?base64\?(.*)\?=$/.exec(value ?? '')?.[1];
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString();
}

function quote(value: string | undefined): string {
  return value === undefined ? '(none)' : JSON.stringify(value);
}
