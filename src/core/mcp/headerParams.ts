import { SluiceError } from '../errors.ts';
import { numberOf, numberText } from '../jsonrpc/exactJson.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import { isObject } from '../jsonrpc/message.ts';
import { encodeHeaderValue } from '../transport/requestHeaders.ts';
import type { Tool } from './mcpTypes.ts';

/** A parameter of a tool that is repeated as `Mcp-Param-{name}` (2026-07-28, Custom Headers from Tool Parameters). */
export interface HeaderParam {
  readonly name: string;
  /** Keys from the arguments' root to the value. */
  readonly path: readonly string[];
}

export type HeaderParams =
  | { readonly kind: 'valid'; readonly params: readonly HeaderParam[] }
  /** "clients MUST reject tool definitions where any x-mcp-header value violates these constraints" */
  | { readonly kind: 'invalid'; readonly reason: string };

const ANNOTATION = 'x-mcp-header';
/** `1*tchar` (RFC 9110, 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Objects below a schema that are looked at; a hostile one may be endless. */
const MAX_NODES = 10_000;
const MAX_DEPTH = 256;

const known = new WeakMap<Tool, HeaderParams>();

/** The annotations of a tool's input schema; read once for each definition. */
export function headerParamsOf(tool: Tool): HeaderParams {
  let params = known.get(tool);
  if (params === undefined) {
    params = readHeaderParams(tool);
    known.set(tool, params);
  }
  return params;
}

function readHeaderParams(tool: Tool): HeaderParams {
  const params: HeaderParam[] = [];
  const seen = new Set<string>();
  let nodes = 0;
  let reason: string | undefined;

  /** @param path of a property that is reached by `properties` keys alone; undefined anywhere else */
  function visit(schema: unknown, path: readonly string[] | undefined, depth: number): void {
    if (reason !== undefined || typeof schema !== 'object' || schema === null) return;
    if (++nodes > MAX_NODES) reason = `schema has more than ${MAX_NODES} parts`;
    if (depth > MAX_DEPTH) reason = `schema is nested deeper than ${MAX_DEPTH}`;
    if (reason !== undefined) return;
    if (Array.isArray(schema)) {
      for (const one of schema) visit(one, undefined, depth + 1);
      return;
    }
    if (!isObject(schema)) return;
    if (ANNOTATION in schema) reason = read(schema, path);
    for (const [keyword, value] of Object.entries(schema)) {
      if (keyword === 'properties' && isObject(value)) {
        for (const [key, property] of Object.entries(value))
          visit(property, path === undefined ? undefined : [...path, key], depth + 1);
      } else if (!DATA_KEYWORDS.has(keyword)) visit(value, undefined, depth + 1);
    }
  }

  function read(schema: Record<string, unknown>, path: readonly string[] | undefined): string | undefined {
    const name = schema[ANNOTATION];
    const type = schema['type'];
    if (typeof name !== 'string' || name === '')
      return `${ANNOTATION} is ${excerpt(name)}, and must be a name`;
    if (!TOKEN.test(name)) return `${ANNOTATION} ${excerpt(name)} is not a legal header name`;
    if (seen.has(name.toLowerCase())) return `${ANNOTATION} ${excerpt(name)} is used twice`;
    if (path === undefined || path.length === 0)
      return `${ANNOTATION} ${excerpt(name)} is not on a property that is reached through "properties" alone`;
    if (type !== 'string' && type !== 'integer' && type !== 'boolean')
      return `${ANNOTATION} ${excerpt(name)} is on the type ${excerpt(type)}: only string, integer and boolean may have it`;
    seen.add(name.toLowerCase());
    params.push({ name, path });
    return undefined;
  }

  visit(tool.inputSchema, [], 0);
  return reason === undefined ? { kind: 'valid', params } : { kind: 'invalid', reason };
}

/** Keywords whose values are data, not schemas: an annotation in an example is an example. */
const DATA_KEYWORDS = new Set(['default', 'const', 'enum', 'examples', 'required']);

/**
 * Headers of one call. A parameter that is absent or null has none.
 * @throws SluiceError `arguments-invalid` where a number has no exact text: "Integer values MUST be within the safe range"
 */
export function headersFor(
  params: readonly HeaderParam[],
  args: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { name, path } of params) {
    const value = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), args);
    const number = numberOf(value);
    if (number !== undefined && Math.abs(number) > Number.MAX_SAFE_INTEGER)
      throw unsafe(path, numberText(value) ?? '');
    if (typeof value === 'string' || typeof value === 'boolean' || number !== undefined)
      headers[`mcp-param-${name.toLowerCase()}`] = encodeHeaderValue(String(number ?? value));
  }
  return headers;
}

function unsafe(path: readonly string[], value: string): SluiceError {
  return new SluiceError(
    'arguments-invalid',
    `${path.join('.')} is ${value}, which is too large to be repeated exactly in a header`,
    {
      delivery: 'not-sent',
      hint: 'The server wants this parameter as a header: its value must be between -(2^53 - 1) and 2^53 - 1.',
    },
  );
}
