/**
 * What is known of what was asked when its error is raised: of the whole call, which may take several requests, and
 * never of the last one alone (`CallLog`). It decides whether the call may be made again.
 * - `not-sent`: no byte of it left this machine, or the server said that it did not process it.
 * - `unknown`: something of it was written, and nothing tells whether the server ran it, or still runs it.
 * - `answered`: the server answered, with an error or with something that is no answer.
 */
export type Delivery = 'not-sent' | 'unknown' | 'answered';

/** Where on the data path the failure happened. */
export type Phase =
  | 'settings'
  | 'queued'
  | 'connect'
  | 'negotiation'
  | 'sent'
  | 'headers'
  | 'stream'
  | 'response';

/** Stable: callers and tests compare these, so a code is never renamed, only added. */
export type SluiceErrorCode =
  // before anything was sent
  | 'config-invalid'
  | 'input-missing'
  | 'consent-missing'
  | 'server-unknown'
  | 'server-disabled'
  | 'closed'
  | 'queue-full'
  | 'queue-timeout'
  | 'dns-failed'
  | 'connect-refused'
  | 'connect-timeout'
  | 'connect-failed'
  | 'tls-failed'
  | 'proxy-failed'
  | 'proxy-auth'
  | 'arguments-invalid'
  | 'not-offered'
  | 'not-allowed'
  // on the wire
  | 'cancelled'
  | 'request-timeout'
  | 'connection-lost'
  | 'stream-ended'
  | 'too-large'
  // a fault of this program, or of a callback that it was given
  | 'internal'
  // the server answered, with something else than a result
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'rate-limited'
  | 'redirected'
  | 'http-status'
  | 'not-mcp'
  | 'jsonrpc-error'
  | 'session-lost'
  | 'protocol-unsupported'
  | 'input-required-failed'
  | 'task-failed'
  | 'verification-failed';

/** There is no way to the server: nothing was sent, and nothing will be until that changes. */
export const UNREACHABLE: ReadonlySet<string> = new Set<SluiceErrorCode>([
  'dns-failed',
  'connect-refused',
  'connect-timeout',
  'connect-failed',
  'tls-failed',
  'proxy-failed',
  'proxy-auth',
]);

/** What an error tells besides its message. Absent members are not known. */
export interface SluiceErrorDetails {
  /** Never left out: whoever reads `not-sent` where nobody said so runs a tool twice. */
  delivery: Delivery;
  /** Name of the server in settings. */
  server?: string;
  phase?: Phase;
  /** One sentence: what the user can do. */
  hint?: string;
  /** HTTP status, where the server answered with one. */
  status?: number;
  /** Milliseconds that the server asked to wait (`Retry-After`). */
  retryAfterMs?: number;
  /** Where the server redirects to: an absolute URL. */
  location?: string;
  /** The JSON-RPC error object, as received. */
  rpc?: { code: number; message: string; data?: unknown };
  /** The server's words say that it does not know the session, whatever its status and code are. */
  saysSessionIsLost?: boolean;
  cause?: unknown;
}

/** Stands in place of what nobody may read: a secret, in a log, an error or a URL. */
export const MASK = '••••';

const BRAND = Symbol.for('sluice.error');

/** Every failure that leaves core/ is one of these: what happened, to whom, in which phase, and what to do. */
export class SluiceError extends Error {
  override readonly name = 'SluiceError';
  readonly code: SluiceErrorCode;
  readonly server: string | undefined;
  readonly phase: Phase | undefined;
  readonly delivery: Delivery;
  readonly hint: string | undefined;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly location: string | undefined;
  readonly rpc: { code: number; message: string; data?: unknown } | undefined;
  readonly saysSessionIsLost: boolean | undefined;

  constructor(code: SluiceErrorCode, message: string, details: SluiceErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    Object.defineProperty(this, BRAND, { value: true });
    this.code = code;
    this.server = details.server;
    this.phase = details.phase;
    this.delivery = details.delivery;
    this.hint = details.hint;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.location = details.location;
    this.rpc = details.rpc;
    this.saysSessionIsLost = details.saysSessionIsLost;
  }

  /** The same error with these members instead of its own. */
  but(details: Partial<SluiceErrorDetails>): SluiceError {
    return this.#tells(details)
      ? this
      : new SluiceError(this.code, this.message, { ...this.#details, ...details });
  }

  /** The same error with those of these members that it does not tell itself. */
  filledWith(details: Partial<Omit<SluiceErrorDetails, 'delivery'>>): SluiceError {
    return new SluiceError(this.code, this.message, { ...details, ...this.#details });
  }

  #tells(details: Partial<SluiceErrorDetails>): boolean {
    return Object.entries(details).every(([name, value]) => this[name as keyof SluiceErrorDetails] === value);
  }

  /** Without the members that are not known. */
  get #details(): SluiceErrorDetails {
    const { delivery, server, phase, hint, status, retryAfterMs, location, rpc, saysSessionIsLost, cause } =
      this;
    const all = { server, phase, hint, status, retryAfterMs, location, rpc, saysSessionIsLost, cause };
    const known = Object.entries(all).filter(([, value]) => value !== undefined);
    return { delivery, ...Object.fromEntries(known) };
  }
}

/** True also for an error made by another copy of this module: the extension is several bundles. */
export function isSluiceError(value: unknown): value is SluiceError {
  return value instanceof Error && (value as { [BRAND]?: boolean })[BRAND] === true;
}

/** What anything that was thrown says. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Closes a union: a new member that nobody handles does not compile. */
export function assertNever(value: never): never {
  throw new Error(`unhandled: ${JSON.stringify(value)}`);
}

/** What ends a sentence, in any writing; a closing quote or bracket, or the end of an isolate, may follow it. */
const END = /[.?!:…‽。．｡！？؟۔।]["'”’»›)\]\u2069]*$/u;

export function isSentence(text: string): boolean {
  return END.test(text.slice(-16));
}

/** A text from outside with a full stop, where it does not end otherwise. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return isSentence(trimmed) ? trimmed : `${trimmed}.`;
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
