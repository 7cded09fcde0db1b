import type { TraceEvent } from './traceEvent.ts';

export const MASK = '••••';

/** Characters of one text in an event, before they are masked; the rest is counted, not kept. */
export const MAX_TEXT = 65_536;

/** Headers whose value is a credential, whoever set it. */
const SECRET_HEADER =
  /^(authorization|proxy-authorization|cookie|set-cookie)$|token|secret|password|api-?key|credential|signature/i;
const SCHEME = /^(Basic|Bearer|DPoP|Digest|Negotiate) /i;
/** A session id lets its holder act as this client; its start is enough to tell two apart. */
const SESSION_HEADER = /^mcp-session-id$/i;
/** Members of JSON texts, and parameters of URLs and forms, that hold a credential. */
const SECRET_MEMBER =
  /("(?:access_token|refresh_token|id_token|client_secret|client_assertion|code_verifier|password|api_?key|authorization)"\s*:\s*")(?:[^"\\]|\\.)*/gi;
const SECRET_PARAMETER =
  /([?&](?:[\w.-]*(?:token|secret|password|signature|credential)|key|api[_-]?key|code|sig|session[_-]?id)=)[^&#\s"]*/gi;
const URL_USERINFO = /(\bhttps?:\/\/)[^/@\s"]+@/gi;
/** What may have been one, before the text was cut. */
const CUT_USERINFO = /(\bhttps?:\/\/)[^/@\s"]+$/i;

/** Header names whose last value is remembered. */
const MAX_HEADERS = 64;

/** Members that are ours and never hold text from outside. */
const OURS = new Set(['kind', 'server', 'direction', 'change', 'outcome', 'how', 'method', 'state']);

/** Credentials that the settings give in the open: a server may repeat them wherever it likes. */
export function credentialsIn(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    SECRET_HEADER.test(name) ? [value.replace(SCHEME, '')] : [],
  );
}

/**
 * Masks and bounds an event before the first sink, so that no sink can leak a secret.
 * Every text member is treated, so that a member which is added later is treated too.
 * @param secrets values to mask wherever they stand: what `${env:}` and `${input:}` gave
 */
export function createRedactor(secrets: readonly string[]): (event: TraceEvent) => TraceEvent {
  const values = [...new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))]
    .filter((value) => value.length > 0)
    // The longest first: one secret may contain another.
    .sort((a, b) => b.length - a.length);

  const headers = new Map<string, { readonly value: string; readonly masked: string }>();

  function mask(text: string): string {
    let masked = text;
    for (const value of values) masked = masked.replaceAll(value, MASK);
    if (masked.includes('"')) masked = masked.replace(SECRET_MEMBER, `$1${MASK}`);
    if (masked.includes('=')) masked = masked.replace(SECRET_PARAMETER, `$1${MASK}`);
    return masked.includes('@') ? masked.replace(URL_USERINFO, `$1${MASK}@`) : masked;
  }

  /** A long text is cut before it is masked: a large result costs no more than what is kept of it. */
  function text(original: string): string {
    if (original.length <= MAX_TEXT) return mask(original);
    const end = endOutsideOf(values, original, MAX_TEXT);
    // A slice would keep all of the original alive for as long as a sink keeps the event.
    const kept = Buffer.from(original.slice(0, end)).toString();
    return `${mask(kept).replace(CUT_USERINFO, `$1${MASK}`)}… (${original.length - end} more characters)`;
  }

  /** Most headers are the same on every request. */
  function header(name: string, value: string): string {
    const held = headers.get(name);
    if (held?.value === value) return held.masked;
    const masked = maskHeader(name, value);
    if (headers.size < MAX_HEADERS || held !== undefined) headers.set(name, { value, masked });
    return masked;
  }

  function maskHeader(name: string, value: string): string {
    if (SESSION_HEADER.test(name)) return value.length > 12 ? `${value.slice(0, 8)}${MASK}` : MASK;
    if (!SECRET_HEADER.test(name)) return text(value);
    // The scheme is no secret, and it is the first thing to check.
    const scheme = SCHEME.exec(value);
    return scheme === null ? MASK : `${scheme[0]}${MASK}`;
  }

  function all(held: Readonly<Record<string, string | string[]>>): Record<string, string | string[]> {
    const masked: Record<string, string | string[]> = {};
    for (const name in held) {
      const value = held[name] ?? '';
      masked[name] = Array.isArray(value) ? value.map((one) => maskHeader(name, one)) : header(name, value);
    }
    return masked;
  }

  return (event) => {
    const masked: Record<string, unknown> = {};
    const given = event as unknown as Readonly<Record<string, unknown>>;
    for (const key in given) {
      const value = given[key];
      if (typeof value === 'string') masked[key] = OURS.has(key) ? value : text(value);
      else masked[key] = key === 'headers' ? all(value as Record<string, string>) : value;
    }
    return masked as unknown as TraceEvent;
  };
}

/** The place to cut the text, `end` or before it, so that no value is cut in two: half a secret would not be found. */
function endOutsideOf(values: readonly string[], text: string, end: number): number {
  let place = end;
  // Before one value the place may lie within another.
  for (let before = end; before > 0; place -= before)
    before = Math.max(0, ...values.map((value) => charactersBefore(place, value, text)));
  return place;
}

/** How many characters of the value stand before the place, where it stands across it; otherwise 0. */
function charactersBefore(place: number, value: string, text: string): number {
  for (let before = Math.min(place, value.length - 1); before > 0; before--)
    if (text.startsWith(value, place - before)) return before;
  return 0;
}
