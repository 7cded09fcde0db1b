import type { IncomingHttpHeaders } from 'node:http';
import { type Delivery, SluiceError, type SluiceErrorDetails } from '../errors.ts';
import { exactError } from '../jsonrpc/exactError.ts';
import { JsonSize } from '../jsonrpc/jsonSize.ts';
import { type JsonRpcError, parseMessages } from '../jsonrpc/message.ts';
import { MAX_DEPTH } from './messageBounds.ts';
import { credentialsIn, hintOn, isOfProxy } from './refusalHints.ts';
import { inWords, saidIn } from './rpcWords.ts';
import { saysSessionIsLost } from './serverWords.ts';
import { isLong, RAISE, seconds } from './silence.ts';

export interface FailedResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Its beginning, where it is long. */
  readonly body: string;
  /** Whether the request carried a session id. */
  readonly inSession: boolean;
  readonly url: URL;
  /** Headers of the request, without the cookies that the server has set; none where absent. */
  readonly sent?: Readonly<Record<string, string>> | undefined;
  /** The proxy by whose way the request went, as it may be shown. */
  readonly via?: string | undefined;
  /** Milliseconds since the epoch: `Retry-After` may be a date. */
  readonly now: number;
  /** Milliseconds from the request to its headers; 0 where nobody knows. */
  readonly waited?: number;
}

/**
 * Whether a status comes from what stands before a server, or from one that is about to start or to stop: it says
 * nothing about the server itself, and may be another one in a moment. 520 to 530 are those of Cloudflare, 598 and 599
 * those of proxies that waited in vain.
 */
export function isPassing(status: number | undefined): boolean {
  return (
    status === 408 ||
    status === 502 ||
    status === 503 ||
    status === 504 ||
    status === 598 ||
    status === 599 ||
    (status !== undefined && status >= 520 && status <= 530)
  );
}

/**
 * What a refusal tells of the request. A gateway that got no answer from its server does not know whether the server got
 * the request, nor whether it still runs it, whatever the body says; a 408 is what some say of a server that took too
 * long. Any other status is the word of whoever looked at the request, and a 429 that of one who would not look at it.
 * Only a proxy says 407, of what it was to pass on (RFC 9110, 15.5.8).
 */
export function deliveryOf(status: number): Delivery {
  if (status === 407) return 'not-sent';
  return isPassing(status) ? 'unknown' : 'answered';
}

/**
 * Turns an HTTP status that is not a success into one coded error. A JSON-RPC error in the body is kept in `rpc`:
 * which revision the server speaks is read from it (2026-07-28, Streamable HTTP: Backward Compatibility).
 */
export function httpFailure(response: FailedResponse): SluiceError {
  const { status, headers, body, inSession, url, sent = {}, via, now, waited = 0 } = response;
  const rpc = jsonRpcErrorIn(body);
  const retryAfterMs = parseRetryAfter(headers['retry-after'], now);
  const said = rpc === undefined ? summary(body, headers['content-type']) : saidIn(rpc);
  const details: SluiceErrorDetails = {
    phase: 'headers',
    delivery: deliveryOf(status),
    status,
    ...(rpc === undefined ? {} : { rpc }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(saysSessionIsLost(rpc?.message ?? said) ? { saysSessionIsLost: true } : {}),
  };
  const hint = hintOn({ status, headers, said, inSession, url, sent });
  // What goes through a tunnel, no proxy can answer.
  if (via !== undefined && url.protocol === 'http:' && rpc === undefined && isOfProxy(headers, said))
    return ofProxy(via, said, details);
  const answer = `HTTP ${status}${said === '' ? '' : `: ${said}`}`;

  if (status === 404 && inSession)
    return new SluiceError('session-lost', `The server no longer knows the session (${answer})`, {
      ...details,
      hint: 'Sluice starts a new session by itself; if this repeats, the server loses its sessions.',
    });
  if (status === 401) {
    const what = credentialsIn(sent).length === 0 ? 'wants credentials' : 'does not accept the credentials';
    return new SluiceError('unauthorized', `The server ${what} (${answer})`, {
      ...details,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  if (status === 407)
    return new SluiceError('proxy-auth', `The proxy wants credentials (${answer})`, {
      ...details,
      hint: 'Put the user name and password into the URL of "http.proxy", or the whole header into "http.proxyAuthorization".',
    });
  if (status === 403 && rpc === undefined)
    return new SluiceError('forbidden', `The server refuses this client (${answer})`, {
      ...details,
      hint: hint ?? 'Check the credentials in "headers", and what the server allows them.',
    });
  // Not 503: gateways put a Retry-After on it for a server that is down.
  if (status === 429)
    return new SluiceError('rate-limited', `The server limits the rate of requests (${answer})`, {
      ...details,
      hint:
        retryAfterMs === undefined
          ? 'Send fewer calls.'
          : `Try again in ${Math.ceil(retryAfterMs / 1000)} s, as the server says.`,
    });
  if (status >= 300 && status < 400) return redirected(status, headers.location, url, details);
  if (isPassing(status)) return outOfReach(answer, waited, details);
  if (rpc !== undefined)
    return new SluiceError('jsonrpc-error', inWords(rpc, `, HTTP ${status}`), {
      ...details,
      ...(hint === undefined ? {} : { hint }),
    });
  if (status === 404)
    return new SluiceError('not-found', `There is no MCP endpoint at ${url.pathname} (${answer})`, {
      ...details,
      hint: hint ?? pathHint(url),
    });
  return new SluiceError('http-status', `The server answered ${answer}`, {
    ...details,
    hint:
      hint ??
      (status >= 500
        ? 'Look at the server’s log: the failure is on its side.'
        : 'Check that the URL is the one of an MCP endpoint over Streamable HTTP.'),
  });
}

/** Told by what stands before the server, or by one that is about to start or to stop. */
function outOfReach(answer: string, waited: number, details: SluiceErrorDetails): SluiceError {
  const code = details.rpc === undefined ? 'http-status' : 'jsonrpc-error';
  if (isLong(waited))
    return new SluiceError(code, `A gateway gave up after ${seconds(waited)} (${answer})`, {
      ...details,
      hint: `The server may have run the request, or may still run it. ${RAISE}`,
    });
  const { retryAfterMs } = details;
  const when =
    retryAfterMs === undefined ? 'in a moment' : `in ${Math.ceil(retryAfterMs / 1000)} s, as it says`;
  return new SluiceError(code, `The server is out of reach for the moment (${answer})`, {
    ...details,
    hint: `Try again ${when}. If that does not help, look at the logs of the server and of the gateway in front of it.`,
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
        : isDowngrade(url, target)
          ? `That URL is without TLS, so the redirect is not followed: the server does not know that it is behind a proxy that speaks TLS. Let the proxy tell it (X-Forwarded-Proto: https), or set the URL to the path that it redirects to, with https://.`
          : `If you trust it, set the URL of this server to ${target}. Sluice does not send the headers to another origin by itself.`,
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
  const words = contentType?.includes('html') === true ? reasonIn(body) : oneLine(body);
  return words.length > MAX_SUMMARY ? `${words.slice(0, MAX_SUMMARY)}…` : words;
}

const MAX_SUMMARY = 300;

/** Title and headings of an error page say the same, and mostly no more than the status; the reason stands below. */
function reasonIn(page: string): string {
  const shown = page.replace(UNSHOWN, ' ');
  const reason = withoutTags(shown.replace(HEADINGS, ' '));
  return /\p{L}{3}/u.test(reason) ? reason : withoutTags(page.replace(SCRIPTS, ' '));
}

// What never ends goes to the end at once: looked for from each of its beginnings it would take seconds.
const SCRIPTS = /<(style|script)[\s\S]*?(?:<\/\1>|$)/gi;
const UNSHOWN = /<(head|title|style|script)\b[\s\S]*?(?:<\/\1>|$)/gi;
const HEADINGS = /<h([12])\b[\s\S]*?(?:<\/h\1>|$)/gi;

function withoutTags(text: string): string {
  return oneLine(text.replace(/<[^>]*(?:>|$)/g, ' '));
}

function oneLine(text: string): string {
  return text
    .replace(/&(nbsp|amp|lt|gt|quot|#0?39|apos);/g, (_, name: string) => ENTITIES[name] ?? "'")
    .replace(/\s+/g, ' ')
    .trim();
}

/** Those that error pages are full of. */
const ENTITIES: Readonly<Record<string, string>> = { nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"' };

function isDowngrade({ protocol }: URL, target: string): boolean {
  return protocol === 'https:' && target.startsWith('http://');
}

/** By itself, of a request that it was to pass on. What it says of a server that it could not reach is told as a gateway's. */
function ofProxy(via: string, said: string, { status = 0, ...details }: SluiceErrorDetails): SluiceError {
  const answer = `HTTP ${status}${said === '' ? '' : `: ${said}`}`;
  if (status === 407)
    return new SluiceError('proxy-auth', `The proxy ${via} does not let this client through (${answer})`, {
      ...details,
      status,
      hint: 'Check the user name and password in "http.proxy", or the header in "http.proxyAuthorization": they are missing, or not accepted.',
    });
  if (status < 500)
    return new SluiceError('forbidden', `The proxy ${via} refuses the request (${answer})`, {
      ...details,
      delivery: 'not-sent',
      status,
      hint: 'The proxy refuses it, not the server: ask the operator of the proxy to allow this address, or add the host to "http.noProxy".',
    });
  return new SluiceError(
    'http-status',
    `The proxy ${via} could not get an answer from the server (${answer})`,
    {
      ...details,
      delivery: 'unknown',
      status,
      hint: 'Check host and port of the URL, as the proxy sees them, and that the server runs there.',
    },
  );
}

/** Where servers have their endpoint, but for the place that was tried. */
function pathHint({ pathname }: URL): string {
  const others = ['/mcp', '/', '/sse'].filter((path) => path !== pathname.replace(/(.)\/$/, '$1'));
  return `Check the path of the URL: many servers use ${others.slice(0, -1).join(', ')} or ${others.at(-1)}.`;
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
