import { SluiceError } from '../errors.ts';

/** Alerts about our certificate (RFC 8446, 6.2), as the ends of the codes that OpenSSL and BoringSSL give them. */
const ALERTS: ReadonlyMap<string, string> = new Map([
  ['BAD_CERTIFICATE', 'it cannot read it'],
  ['UNSUPPORTED_CERTIFICATE', 'it does not take its kind'],
  ['CERTIFICATE_REVOKED', 'it was revoked'],
  ['CERTIFICATE_EXPIRED', 'it has expired'],
  ['CERTIFICATE_UNKNOWN', 'it does not say why'],
  ['UNKNOWN_CA', 'it does not know its issuer'],
  ['DECRYPT_ERROR', 'its signature does not fit'],
  ['ACCESS_DENIED', 'its holder is not let in'],
]);

/**
 * The failure that a server's TLS alert about our certificate is; undefined for any other error. In TLS 1.3 the alert
 * comes when our side of the handshake is long done, and a request may be on its way: the server has not read it.
 */
export function clientCertificateFailure(cause: unknown): SluiceError | undefined {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  if (code?.startsWith('ERR_SSL_') !== true) return undefined;
  if (code.endsWith('CERTIFICATE_REQUIRED')) {
    return failure(
      `The server wants a client certificate, and none was sent (${code})`,
      'Set "tls": { "cert": "path/to/client.pem", "key": "path/to/client.key" } for this server.',
      cause,
    );
  }
  for (const [end, reason] of ALERTS) {
    if (!code.endsWith(`_${end}`)) continue;
    return failure(
      `The server refuses the client certificate: ${reason} (${code})`,
      'Check "tls.cert" and "tls.key" of this server: whether it knows the issuer, and whether they are still valid.',
      cause,
    );
  }
  return undefined;
}

function failure(message: string, hint: string, cause: unknown): SluiceError {
  return new SluiceError('tls-failed', message, { phase: 'connect', delivery: 'not-sent', hint, cause });
}
