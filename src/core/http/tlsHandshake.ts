import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { certificateFailure } from './certificateFailure.ts';
import { type OpeningSteps, socketEvent } from './socketEvents.ts';
import type { TlsContext } from './tlsContext.ts';

export interface TlsTarget {
  /** How messages name it, such as `https://example.com` or `the proxy https://proxy.example.com`. */
  readonly called: string;
  readonly hostname: string;
  /** Name to ask for and to check, where it is not `hostname`. */
  readonly servername?: string | undefined;
  readonly alpn: readonly string[];
  /** False accepts any certificate. */
  readonly verify: boolean;
}

/**
 * The latest session that a peer offered to resume; shared by the handshakes with one peer. Of TLS 1.2 only, where it
 * saves a round trip. In TLS 1.3 it saves none, and does harm: after a full handshake the server sends tickets, whose
 * acknowledgement ends what the system takes for a dialogue, so that a connection which has rested does not stall. A
 * resumed one has nothing to acknowledge, and stalls at its first use however long it rested.
 */
export interface SessionMemory {
  session?: Buffer;
}

/**
 * TLS over a connected socket.
 *
 * The certificate is judged here and not by Node, for one reason: Node drops the connection together with the
 * certificate, and an error that cannot say what is wrong with it helps nobody. Nothing is weaker for it. Node too lets
 * OpenSSL finish the handshake whatever the certificate, and looks at the verdict afterwards, at the same moment as
 * we do; a socket that does not pass is destroyed before anything is written to it, and its session is not kept.
 *
 * @throws what `tls` throws, or SluiceError `tls-failed`
 */
export async function tlsHandshake(
  socket: Socket,
  { called, hostname, servername, alpn, verify }: TlsTarget,
  { secureContext, ca }: TlsContext,
  memory: SessionMemory,
  { signal, hold }: OpeningSteps,
): Promise<TLSSocket> {
  const name = servername ?? (isIP(hostname) === 0 ? hostname : undefined);
  const secured = connect({
    socket,
    secureContext,
    // VS Code patches `tls.connect` in extensions: with `http.experimental.systemCertificatesV2` it would add the
    // system's certificates to our shared context once more at each handshake, unless it sees that we brought our own.
    ca: [...ca],
    host: hostname,
    ...(name === undefined ? {} : { servername: name }),
    ALPNProtocols: [...alpn],
    ...(memory.session === undefined ? {} : { session: memory.session }),
    rejectUnauthorized: false,
  });
  hold(secured);
  let offered: Buffer | undefined;
  // TLS 1.2 offers a session during the handshake.
  secured.once('session', (session) => {
    offered = session;
  });
  await socketEvent(secured, ['secureConnect'], signal);
  if (verify && !secured.authorized) {
    const { authorizationError } = secured;
    const code =
      authorizationError instanceof Error ? codeOf(authorizationError) : String(authorizationError);
    throw certificateFailure(code, secured.getPeerCertificate(true), { called, name: name ?? hostname });
  }
  // An alert that comes later, such as one about our own certificate in TLS 1.3, Node reports and then goes on to an
  // ordinary end of the stream. Whoever carries a request is to learn the reason.
  secured.on('error', (alert) => secured.destroy(alert));
  if (offered !== undefined && secured.getProtocol() === 'TLSv1.2') memory.session = offered;
  return secured;
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
