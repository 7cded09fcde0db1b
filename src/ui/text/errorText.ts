import {
  type Delivery,
  isSluiceError,
  type Phase,
  type SluiceError,
  type SluiceErrorCode,
  sentence,
} from '../../core/errors.ts';

/** What a message offers to do next. */
export type ErrorAction = 'trace' | 'reconnect' | 'settings' | 'inputs' | 'consent';

const PHASES: Readonly<Record<Phase, string>> = {
  settings: 'while reading the settings',
  queued: 'while waiting for a connection',
  connect: 'while connecting',
  negotiation: 'while finding out the protocol revision',
  sent: 'while sending the request',
  headers: 'while waiting for the response to begin',
  stream: 'while reading the response',
  response: 'after the server had answered',
};

/** Of the whole call, however many requests it took. */
const DELIVERIES: Readonly<Record<Delivery, string>> = {
  'not-sent': 'The server did not get the call.',
  unknown: 'The server may have run the call, or may still run it.',
  answered: 'The server got the call and answered.',
};

// A record over the union: a new code does not compile before its way out is chosen.
const ACTIONS: Readonly<Record<SluiceErrorCode, readonly ErrorAction[]>> = {
  'config-invalid': ['settings'],
  'input-missing': ['reconnect', 'settings'],
  'consent-missing': ['consent', 'settings'],
  'server-unknown': ['settings'],
  'server-disabled': ['settings'],
  closed: ['reconnect'],
  'queue-full': ['trace', 'settings'],
  'queue-timeout': ['trace', 'settings'],
  'dns-failed': ['settings', 'reconnect'],
  'connect-refused': ['reconnect', 'settings', 'trace'],
  'connect-timeout': ['reconnect', 'settings', 'trace'],
  'connect-failed': ['reconnect', 'settings', 'trace'],
  'tls-failed': ['settings', 'trace'],
  'proxy-failed': ['reconnect', 'trace'],
  'proxy-auth': ['reconnect', 'trace'],
  'arguments-invalid': ['trace'],
  'not-offered': ['trace'],
  'not-allowed': [],
  cancelled: [],
  'request-timeout': ['trace', 'settings'],
  'connection-lost': ['reconnect', 'trace'],
  'stream-ended': ['trace', 'reconnect'],
  'too-large': ['trace', 'settings'],
  internal: ['trace'],
  unauthorized: ['inputs', 'settings', 'trace'],
  forbidden: ['inputs', 'settings', 'trace'],
  'not-found': ['settings', 'trace'],
  'rate-limited': ['trace'],
  redirected: ['settings', 'trace'],
  'http-status': ['trace', 'reconnect'],
  'not-mcp': ['settings', 'trace'],
  'jsonrpc-error': ['trace'],
  'session-lost': ['reconnect', 'trace'],
  'protocol-unsupported': ['settings', 'trace'],
  'input-required-failed': ['trace'],
  'task-failed': ['trace'],
  'verification-failed': ['trace'],
};

/** A failure, told to a person. */
export interface ErrorText {
  /** What happened. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string | undefined;
  /** Where on the way it happened, for example `while connecting`. */
  readonly phase: string | undefined;
  /** Whether the server got the call. Undefined where there was none. */
  readonly delivery: string | undefined;
  readonly code: string;
  readonly server: string | undefined;
  readonly actions: readonly ErrorAction[];
}

/** Anything that was thrown, told to a person. */
export function describeError(thrown: unknown): ErrorText {
  if (!isSluiceError(thrown)) {
    return {
      message: thrown instanceof Error ? thrown.message : String(thrown),
      hint: undefined,
      phase: undefined,
      delivery: undefined,
      code: 'internal',
      server: undefined,
      actions: [],
    };
  }
  return {
    message: thrown.message,
    hint: thrown.hint,
    phase: thrown.phase === undefined ? undefined : PHASES[thrown.phase],
    delivery: thrown.phase === 'settings' ? undefined : DELIVERIES[thrown.delivery],
    code: thrown.code,
    server: thrown.server,
    actions: actionsOn(thrown),
  };
}

/** A new session may be all that it takes, where the server speaks of one. */
function actionsOn({ code, saysSessionIsLost }: SluiceError): readonly ErrorAction[] {
  const actions = ACTIONS[code];
  return saysSessionIsLost === true && !actions.includes('reconnect') ? ['reconnect', ...actions] : actions;
}

/** Who, what, and what to do, as one paragraph. @param shownServer where the place does not say who */
export function sentences({ message, hint }: ErrorText, shownServer?: string): string {
  const isNamed = shownServer === undefined || message.includes(shownServer);
  const named = isNamed ? message : `${shownServer}: ${message}`;
  return [named, hint ?? '']
    .filter((part) => part !== '')
    .map(sentence)
    .join(' ');
}
