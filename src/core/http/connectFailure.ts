import type { ProxyConfig } from '../config/serverConfig.ts';
import { isSluiceError, SluiceError, type SluiceErrorCode } from '../errors.ts';
import { clientCertificateFailure } from './clientCertificateFailure.ts';
import type { Origin } from './origin.ts';
import { proxyUnreachable } from './proxyFailure.ts';

/** What was being waited for when opening a socket failed. */
export type ConnectStage = 'proxy-tcp' | 'proxy-tls' | 'proxy-answer' | 'tcp' | 'tls';

/** Turns what goes wrong while a socket is opened into one coded error. */
export function connectFailure(
  cause: unknown,
  origin: Origin,
  stage: ConnectStage,
  proxy?: ProxyConfig,
): SluiceError {
  if (isSluiceError(cause)) return cause;
  const { code, message } = describe(cause);
  if (proxy !== undefined && stage !== 'tls')
    return proxyUnreachable(proxy, `${proxyProblem(code, stage, proxy)} (${code ?? message})`, cause);
  const refused = clientCertificateFailure(cause);
  if (refused !== undefined) return refused;
  const { kind, what, hint } = classify(code, origin, stage);
  return new SluiceError(kind, `${what} (${code ?? message})`, {
    phase: 'connect',
    delivery: 'not-sent',
    hint,
    cause,
  });
}

/** Happy Eyeballs fails with one error per address that was tried; the first names the reason. */
function describe(cause: unknown): { code: string | undefined; message: string } {
  const error = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
  if (!(error instanceof Error)) return { code: undefined, message: String(error) };
  return { code: (error as NodeJS.ErrnoException).code, message: error.message };
}

/** Continues "The proxy http://… ". */
function proxyProblem(code: string | undefined, stage: ConnectStage, { url }: ProxyConfig): string {
  if (stage === 'proxy-answer')
    return code === 'ETIMEDOUT'
      ? 'takes the connection and does not answer'
      : 'closed the connection without an answer';
  if (stage === 'proxy-tls')
    return code === 'ETIMEDOUT' || isNoTls(code) ? 'does not speak TLS' : 'failed in the TLS handshake';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA')
    return 'has a name that could not be resolved';
  if (code === 'ECONNREFUSED') return `cannot be reached: nothing listens at ${url}`;
  return 'could not be reached';
}

function isNoTls(code: string | undefined): boolean {
  return (
    code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG'
  );
}

function classify(
  code: string | undefined,
  { href, hostname, secure }: Origin,
  stage: ConnectStage,
): { kind: SluiceErrorCode; what: string; hint: string } {
  // Over TLS an open TCP connection is half of the way: a server that does not speak TLS just waits.
  if (stage === 'tls' && code === 'ETIMEDOUT') {
    return {
      kind: 'tls-failed',
      what: `${href} takes the connection and does not answer the TLS handshake`,
      hint: 'Write http:// instead of https:// if the server has no TLS.',
    };
  }
  if (isNoTls(code)) {
    return {
      kind: 'tls-failed',
      what: `${href} does not speak TLS`,
      hint: 'Write http:// instead of https:// if the server has no TLS.',
    };
  }
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ENODATA':
      return {
        kind: 'dns-failed',
        what: `The name ${hostname} could not be resolved`,
        hint: 'Check the host in the URL, and that this machine is online.',
      };
    case 'ECONNREFUSED':
      return {
        kind: 'connect-refused',
        what: `Nothing listens at ${href}`,
        hint: 'Start the server, or correct the host and port of its URL.',
      };
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return {
        kind: 'connect-timeout',
        what: `${href} could not be reached`,
        hint: 'Check the host and port of the URL, and firewalls in between.',
      };
    default:
      return code?.startsWith('ERR_SSL_') || code?.startsWith('ERR_TLS_') || code?.startsWith('CERT_')
        ? {
            kind: 'tls-failed',
            what: `The TLS handshake with ${href} failed`,
            hint: 'Check the server’s certificate and the "tls" setting of this server.',
          }
        : {
            kind: 'connect-failed',
            what: `No connection to ${href}`,
            hint: secure
              ? 'Check the URL, and that the server speaks TLS there.'
              : 'Check the URL of this server.',
          };
  }
}
