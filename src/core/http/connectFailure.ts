import { isSluiceError, SluiceError, type SluiceErrorCode } from '../errors.ts';
import type { Origin } from './origin.ts';

/** A code of ours: TCP is connected, and TLS did not get through in time. */
export const HANDSHAKE_TIMEOUT = 'ERR_TLS_HANDSHAKE_TIMEOUT';

/** Turns what `net` and `tls` throw while a socket is opened into one coded error. */
export function connectFailure(cause: unknown, origin: Origin): SluiceError {
  if (isSluiceError(cause)) return cause;
  const { code, message } = describe(cause);
  const { kind, what, hint } = classify(code, origin);
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

function classify(
  code: string | undefined,
  { href, hostname, secure }: Origin,
): { kind: SluiceErrorCode; what: string; hint: string } {
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
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return {
        kind: 'tls-failed',
        what: `The certificate of ${href} is not signed by an authority that this machine trusts`,
        hint: 'Set "tls": { "ca": "path/to/authority.pem" } for this server.',
      };
    case 'CERT_HAS_EXPIRED':
      return {
        kind: 'tls-failed',
        what: `The certificate of ${href} has expired`,
        hint: 'Renew the certificate on the server.',
      };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        kind: 'tls-failed',
        what: `The certificate of ${href} is for another host`,
        hint: 'Use the host that the certificate names, or set "tls": { "servername": … } for this server.',
      };
    case HANDSHAKE_TIMEOUT:
      return {
        kind: 'tls-failed',
        what: `${href} takes the connection and does not answer the TLS handshake`,
        hint: 'Write http:// instead of https:// if the server has no TLS.',
      };
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return {
        kind: 'tls-failed',
        what: `${href} does not speak TLS`,
        hint: 'Write http:// instead of https:// if the server has no TLS.',
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
