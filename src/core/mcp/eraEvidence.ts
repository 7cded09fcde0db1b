import { isSluiceError, SluiceError, sentence } from '../errors.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import { isPassing } from '../transport/httpFailure.ts';
import {
  HEADER_MISMATCH,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  MISSING_CLIENT_CAPABILITY,
  UNSUPPORTED_PROTOCOL_VERSION,
} from './errorCodes.ts';
import { newestShared, type Revision } from './protocolVersion.ts';

/** Errors that only a modern server sends (2026-07-28, basic, Error Codes). */
const ONLY_MODERN: ReadonlySet<unknown> = new Set([
  HEADER_MISMATCH,
  MISSING_CLIENT_CAPABILITY,
  UNSUPPORTED_PROTOCOL_VERSION,
]);
/** What a server says of a request that it does not know, whatever its HTTP status. */
const UNKNOWN: ReadonlySet<unknown> = new Set([INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS]);

export function isOnlyModern(error: unknown): boolean {
  return isSluiceError(error) && ONLY_MODERN.has(error.rpc?.code);
}

/** Whether a failure says how the server speaks, and not only that it could not be asked. */
export function tellsTheEra(error: unknown): error is SluiceError {
  // What was never sent was not answered either, however long it waited for a connection.
  if (!isSluiceError(error) || error.delivery === 'not-sent') return false;
  if (isPassing(error.status)) return isOnlyModern(error);
  switch (error.code) {
    case 'jsonrpc-error':
    case 'http-status':
    case 'not-found':
    case 'not-mcp':
    case 'stream-ended':
    case 'session-lost':
    // "stay silent" is one of the ways a legacy server may answer; so is closing the connection.
    case 'request-timeout':
    case 'connection-lost':
      return true;
    default:
      return false;
  }
}

/**
 * Whether an MCP server itself says that it does not know what it was asked, in its own protocol. Pages, silence and faults come from
 * proxies as well, and from a server that is not well for a moment: what follows from them may be otherwise tomorrow.
 */
export function isItsWord({ rpc, status = 200 }: SluiceError): boolean {
  if (rpc === undefined || rpc.code === INTERNAL_ERROR || isPassing(status)) return false;
  return UNKNOWN.has(rpc.code) || ONLY_MODERN.has(rpc.code) || (status >= 400 && status < 500);
}

/**
 * "If it fails with HTTP status code 400 Bad Request, 404 Not Found, or 405 Method Not Allowed and the response body is
 * not a recognized modern JSON-RPC error" (2026-07-28, Streamable HTTP: HTTP+SSE Transport).
 */
export function mayBeHttpSse(error: unknown): error is SluiceError {
  if (!isSluiceError(error)) return false;
  const { status, rpc } = error;
  const isModern = isOnlyModern(error) || rpc?.code === METHOD_NOT_FOUND;
  return (status === 400 || status === 404 || status === 405) && !isModern;
}

/** A revision, by the date that is its name; and characters of a refusal in which they are looked for. */
const REVISION = /\b20\d\d-\d\d-\d\d\b/g;
const MOST_REFUSED = 2_000;

/**
 * The newest other revision of an era that a refusal names as spoken: in its `data`, whatever the member is called, or in its
 * words, as servers do that were made before there was a place for it.
 */
export function spokenInstead(error: unknown, asked: Revision): Revision | undefined {
  if (!isSluiceError(error) || error.rpc === undefined) return undefined;
  const { data, message } = error.rpc;
  const said = `${message.slice(0, MOST_REFUSED)} ${excerpt(data, MOST_REFUSED)}`;
  const named = said.match(REVISION) ?? [];
  return newestShared(
    named.filter((version) => version !== asked.version),
    asked.era,
  );
}

/** A gateway that gives up waiting for a legacy server, which stays silent, does so each time. */
export function notNow(error: unknown): unknown {
  if (!isSluiceError(error) || error.code !== 'http-status' || error.status === undefined) return error;
  return new SluiceError('http-status', error.message, {
    phase: 'negotiation',
    delivery: error.delivery,
    status: error.status,
    hint: `${error.hint} If only server/discover is answered so, set "protocol" to "2025-11-25".`,
    cause: error,
  });
}

/** Which of the two failures tells the user more: the one that came from an MCP server, if one did. */
export function neither(asModern: SluiceError, asLegacy: SluiceError): SluiceError {
  const modernKnown = asModern.rpc !== undefined && asModern.rpc.code !== METHOD_NOT_FOUND;
  const { status = 0 } = asLegacy;
  const legacyUnknown = asLegacy.rpc === undefined && status >= 400 && status < 500;
  const telling = legacyUnknown && modernKnown ? asModern : asLegacy;
  return new SluiceError(telling.code, telling.message, {
    phase: 'negotiation',
    delivery: telling.delivery,
    ...(telling.status === undefined ? {} : { status: telling.status }),
    ...(telling.rpc === undefined ? {} : { rpc: telling.rpc }),
    hint: `${telling.hint ?? ''} server/discover (2026-07-28) was answered with: ${sentence(asModern.message)} initialize (2025-11-25) with: ${sentence(asLegacy.message)}`.trim(),
    cause: new AggregateError([asModern, asLegacy]),
  });
}

/**
 * A server that has neither: what the GET of HTTP+SSE was answered with is told where it says more than that there is nothing.
 * @param isStream the GET was answered with an event stream, that names no endpoint
 */
export function noHttpSse(post: SluiceError, get: SluiceError, isStream: boolean): SluiceError {
  const { status = 0 } = get;
  const isMore = get.code === 'connection-lost' || REFUSING.has(status) || (status >= 500 && status !== 501);
  if (isMore && !isStream)
    return withHint(
      get,
      `That was a GET, as for HTTP+SSE (2024-11-05); a POST was answered with: ${sentence(post.message)}`,
    );
  // Servers of Streamable HTTP answer a GET so as well.
  return isStream && post.status === 404
    ? withHint(post, `A GET opens an event stream there: ${sentence(get.message)}`)
    : post;
}

/** They say that there is something, and why it is not to be had. */
const REFUSING: ReadonlySet<number> = new Set([401, 403, 407, 409, 423, 429]);

function withHint(error: SluiceError, more: string): SluiceError {
  return error.but({ hint: `${error.hint === undefined ? '' : sentence(error.hint)} ${more}`.trim() });
}
