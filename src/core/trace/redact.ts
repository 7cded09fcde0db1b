import { MASK } from '../errors.ts';
import { isOpenHeader, namesCredential } from './credentialNames.ts';
import { createMask, MAX_TEXT, type Mask } from './mask.ts';
import type { TraceEvent } from './traceEvent.ts';

export { MAX_TEXT } from './mask.ts';

/** The name of how credentials are to be read: it is no secret, and the first thing to check. */
const SCHEME =
  /^(?:Basic|Bearer|DPoP|Digest|Negotiate|NTLM|Token|ApiKey|Api-Key|Key|OAuth|JWT|SSWS|Hawk|SharedKey|SharedAccessSignature|AWS4-HMAC-SHA256) +/i;
export function withoutScheme(value: string): string {
  return value.replace(SCHEME, '');
}

/** A session id lets its holder act as this client; its ends are enough to find it in the server's own log. */
const SESSION_HEADER = /^mcp-session-id$/i;
/** A challenge that goes on with a token of the handshake. */
const CHALLENGE = /\b((?:Negotiate|NTLM) +)[A-Za-z0-9+/=]{8,}/gi;

/** Header names whose last value is remembered, of requests and of responses. */
const MAX_HEADERS = 64;
/** Texts that are remembered, the last ones. */
const MOST_TEXTS = 8;

/** Members that are ours and never hold text from outside, at whatever depth. */
const OURS = new Set([
  ...['kind', 'server', 'direction', 'change', 'outcome', 'how', 'method', 'state'],
  ...['code', 'httpVersion', 'body', 'of', 'from'],
]);

/** What of a server's settings decides how its events are masked. */
export interface RedactorOptions {
  readonly mask?: Mask;
  /** Headers of the settings. */
  readonly configured?: Readonly<Record<string, string>>;
}

/** @param length of the whole of a text of which the event has no more than the beginning */
export type Redact = (event: TraceEvent, length?: number) => TraceEvent;

/**
 * Masks and bounds an event before the first sink, so that no sink can leak a secret.
 * Every text of it is treated, however deep, so that a member which is added later is treated too.
 * @param secrets values to mask wherever they stand: what `secretsOf` found
 */
export function createRedactor(
  secrets: readonly string[],
  { mask = createMask(secrets), configured = {} }: RedactorOptions = {},
): Redact {
  const ours = new Set(Object.keys(configured).map((name) => name.toLowerCase()));
  const requestHeaders = new Map<string, Held>();
  const responseHeaders = new Map<string, Held>();
  const texts: Held[] = [];
  let oldest = 0;

  /** Most headers are the same on every request. */
  function header(name: string, value: string, isRequest: boolean): string {
    const held = isRequest ? requestHeaders : responseHeaders;
    const known = held.get(name);
    if (known?.value === value) return known.masked;
    const masked = maskHeader(name, value, isRequest);
    if (held.size < MAX_HEADERS || known !== undefined) held.set(name, { value, masked });
    return masked;
  }

  /** Texts come again: a URL with each request, an answer as an event and then as a message. */
  function maskText(value: string): string {
    for (const known of texts) if (known.value === value) return known.masked;
    const masked = mask(value);
    // A longer text would be kept alive, although only a little of it is shown.
    if (value.length <= MAX_TEXT) {
      texts[oldest] = { value, masked };
      oldest = (oldest + 1) % MOST_TEXTS;
    }
    return masked;
  }

  function maskHeader(name: string, value: string, isRequest: boolean): string {
    if (SESSION_HEADER.test(name)) return sessionEnds(value);
    const isConfigured = isRequest && ours.has(name) && !isOpenHeader(name);
    if (isConfigured || namesCredential(name, 'header')) return `${SCHEME.exec(value)?.[0] ?? ''}${MASK}`;
    return mask(value).replace(CHALLENGE, `$1${MASK}`);
  }

  function headers(given: Headers, isRequest: boolean): Record<string, string | string[]> {
    const masked: Record<string, string | string[]> = {};
    for (const name in given) {
      const value = given[name] ?? '';
      masked[name] = Array.isArray(value)
        ? value.map((one) => maskHeader(name, one, isRequest))
        : header(name, value, isRequest);
    }
    return masked;
  }

  function maskValue(value: unknown): unknown {
    if (typeof value === 'string') return maskText(value);
    if (Array.isArray(value)) return value.map(maskValue);
    if (typeof value !== 'object' || value === null) return value;
    const masked: Record<string, unknown> = { ...value };
    for (const key in masked) if (!OURS.has(key)) masked[key] = maskValue(masked[key]);
    return masked;
  }

  return (event, length) => {
    const masked: Record<string, unknown> = { ...event };
    for (const key in masked) {
      const value = masked[key];
      if (OURS.has(key)) continue;
      if (key === 'headers') masked[key] = headers(value as Headers, event.kind === 'http-request');
      else if (typeof value === 'string' && value.length > MAX_TEXT) masked[key] = mask(value, length);
      else masked[key] = maskValue(value);
    }
    return masked as unknown as TraceEvent;
  };
}

interface Held {
  readonly value: string;
  readonly masked: string;
}

type Headers = Readonly<Record<string, string | string[]>>;

/** The last characters of a session id, of a long one the first too: those are what servers log. */
function sessionEnds(id: string): string {
  if (id.length < 8) return MASK;
  return `${id.length < 24 ? '' : id.slice(0, 8)}${MASK}${id.slice(-4)}`;
}
