import type { IncomingHttpHeaders } from 'node:http';
import { SluiceError, type SluiceErrorDetails } from '../errors.ts';
import { exactError } from '../jsonrpc/exactError.ts';
import { JsonSize } from '../jsonrpc/jsonSize.ts';
import { type JsonRpcError, parseMessages } from '../jsonrpc/message.ts';
import { MAX_DEPTH } from './messageBounds.ts';

export interface FailedResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Its beginning, where it is long. */
  readonly body: string;
  /** Whether the request carried a session id. */
  readonly inSession: boolean;
  readonly url: URL;
  /** Milliseconds since the epoch: `Retry-After` may be a date. */
  readonly now: number;
}

/**
 * Whether a status comes from what stands before a server, or from one that is about to start or to stop: it says
 * nothing about the server itself, and may be another one in a moment. 520 to 530 are those of Cloudflare.
 */
export function isPassing(status: number | undefined): boolean {
  return (
    status === 408 ||
    status === 502 ||
    status === 503 ||
    status === 504 ||
    (status !== undefined && status >= 520 && status <= 530)
  );
}

/**
 * Turns an HTTP status that is not a success into one coded error. A JSON-RPC error in the body is kept in `rpc`:
 * which revision the server speaks is read from it (2026-07-28, Streamable HTTP: Backward Compatibility).
 */
export function httpFailure({ status, headers, body, inSession, url, now }: FailedResponse): SluiceError {
  const rpc = jsonRpcErrorIn(body);
  const retryAfterMs = parseRetryAfter(headers['retry-after'], now);
  const details: SluiceErrorDetails = {
    phase: 'headers',
    delivery: 'answered',
    status,
    ...(rpc === undefined ? {} : { rpc }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  const said = rpc?.message ?? summary(body, headers['content-type']);
  const answer = `HTTP ${status}${said === '' ? '' : `: ${said}`}`;

  if (status === 404 && inSession)
    return new SluiceError('session-lost', `The server no longer knows the session (${answer})`, {
      ...details,
      hint: 'Sluice starts a new session by itself; if this repeats, the server loses its sessions.',
    });
  if (status === 401)
    return new SluiceError('unauthorized', `The server wants credentials (${answer})`, {
      ...details,
      hint:
        challenge(headers) ??
        'Set an "Authorization" header for this server, for example "Bearer ${input:token}".',
    });
  // Only a proxy says so, of a request that it was to pass on (RFC 9110, 15.5.8).
  if (status === 407)
    return new SluiceError('proxy-auth', `The proxy wants credentials (${answer})`, {
      ...details,
      delivery: 'not-sent',
      hint: 'Put the user name and password into the URL of "http.proxy", or the whole header into "http.proxyAuthorization".',
    });
  if (status === 403 && rpc === undefined)
    return new SluiceError('forbidden', `The server refuses this client (${answer})`, {
      ...details,
      hint: 'Check the credentials in "headers", and what the server allows them.',
    });
  if (status === 429 || (status === 503 && retryAfterMs !== undefined))
    return new SluiceError('rate-limited', `The server asks for patience (${answer})`, {
      ...details,
      hint:
        retryAfterMs === undefined
          ? 'Send fewer calls.'
          : `It says: again in ${Math.ceil(retryAfterMs / 1000)} s.`,
    });
  if (status >= 300 && status < 400) return redirected(status, headers.location, url, details);
  if (isPassing(status))
    return new SluiceError(
      rpc === undefined ? 'http-status' : 'jsonrpc-error',
      `The server is out of reach for the moment (${answer})`,
      {
        ...details,
        hint: 'Try again in a moment. If it stays so, look at the logs of the server and of the gateway before it.',
      },
    );
  if (rpc !== undefined)
    return new SluiceError('jsonrpc-error', `${rpc.message} (${rpc.code}, HTTP ${status})`, details);
  if (status === 404)
    return new SluiceError('not-found', `There is no MCP endpoint at ${url.pathname} (${answer})`, {
      ...details,
      hint: 'Check the path of the URL: many servers use /mcp.',
    });
  return new SluiceError('http-status', `The server answered ${answer}`, {
    ...details,
    hint:
      status >= 500
        ? 'Look at the server’s log: the failure is on its side.'
        : 'Check that the URL is the one of an MCP endpoint over Streamable HTTP.',
  });
}

function redirected(
  status: number,
  location: string | undefined,
  url: URL,
  details: SluiceErrorDetails,
): SluiceError {
  const target =
    location !== undefined && URL.canParse(location, url.href) ? new URL(location, url).href : location;
  return new SluiceError('redirected', `The server redirects to ${target ?? 'nowhere'} (HTTP ${status})`, {
    ...details,
    ...(target === undefined ? {} : { location: target }),
    hint:
      target === undefined
        ? 'A redirect without a Location cannot be followed.'
        : `If you trust it, set the URL of this server to ${target}. Headers are not carried to another origin by themselves.`,
  });
}

/** The JSON-RPC error of a body, where it is one. */
function jsonRpcErrorIn(body: string): JsonRpcError | undefined {
  if (!body.trimStart().startsWith('{')) return undefined;
  const size = new JsonSize();
  size.count(Buffer.from(body));
  if (size.depth > MAX_DEPTH) return undefined;
  const [first] = parseMessages(body);
  return first?.kind === 'error' ? exactError(first.message, { text: body, index: undefined }) : undefined;
}

/** Some words of a body that is no JSON-RPC: a person wrote it for a person. */
function summary(body: string, contentType: string | undefined): string {
  const text =
    contentType?.includes('html') === true
      ? // What never ends goes to the end at once: looked for from each of its beginnings it would take seconds.
        body.replace(/<(style|script)[\s\S]*?(?:<\/\1>|$)|<[^>]*(?:>|$)/gi, ' ')
      : body;
  const words = text.replace(/\s+/g, ' ').trim();
  return words.length > 200 ? `${words.slice(0, 200)}…` : words;
}

function challenge(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['www-authenticate'];
  return value === undefined ? undefined : `It asks for: ${value}`;
}

/** Milliseconds; a server that says more, or writes a number without an end, means never. */
const MAX_RETRY_AFTER = 366 * 86_400_000;

/** Seconds or an HTTP date (RFC 9110, Retry-After), as milliseconds from now. */
function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return Math.min(Number(value) * 1000, MAX_RETRY_AFTER);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - now), MAX_RETRY_AFTER);
}
