import type { IncomingHttpHeaders } from 'node:http';

/** Headers that have one value: of several the first counts, as in `node:http`. */
const SINGULAR: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-length',
  'content-type',
  'location',
  'mcp-session-id',
  'retry-after',
]);

/**
 * Headers as `IncomingHttpHeaders` has them: one text each, but for `Set-Cookie`. undici gives an array for each one that
 * was sent twice, and whoever reads a text would throw.
 */
export function oneTextEach(headers: Readonly<Record<string, string | string[] | undefined>>) {
  if (!hasRepeated(headers)) return headers as IncomingHttpHeaders;
  const repeated = Object.entries(headers).filter(
    (entry): entry is [string, string[]] => Array.isArray(entry[1]) && entry[0] !== 'set-cookie',
  );
  const joined = repeated.map(([name, values]) => [name, SINGULAR.has(name) ? values[0] : values.join(', ')]);
  return { ...headers, ...Object.fromEntries(joined) } as IncomingHttpHeaders;
}

/** Of nearly every response none is, and that costs nothing. */
function hasRepeated(headers: Readonly<Record<string, unknown>>): boolean {
  for (const name in headers) if (Array.isArray(headers[name]) && name !== 'set-cookie') return true;
  return false;
}
