import { isSluiceError } from '../errors.ts';
import type { Clock } from '../metrics/clock.ts';
import { connectFailure } from './connectFailure.ts';
import type { Connection, OpenConnection } from './connection.ts';
import type { Connector, OpenedSocket } from './connector.ts';
import type { Http2Connection } from './http2Connection.ts';
import type { Origin } from './origin.ts';

/**
 * Connections over sockets that `connector` opens, in the version of HTTP that was agreed on. Where HTTP/2 turns out not to do,
 * it is HTTP/1.1 from then on, unless the server speaks nothing but HTTP/2. What speaks a version is loaded with the first
 * connection that may need it: for HTTP/1.1 while the socket opens, for HTTP/2 when it was agreed on.
 */
export function socketConnections(origin: Origin, connector: Connector, clock: Clock): OpenConnection {
  let version: 'agreed' | 'http/1.1' | 'http/2 alone' = 'agreed';
  const multiplexed = new Set<Http2Connection>();
  const goBack = () => {
    if (version !== 'agreed') return;
    version = 'http/1.1';
    for (const connection of multiplexed) connection.retire();
  };
  const connect = async (signal: AbortSignal) => {
    if (version !== 'http/1.1') return connector(signal);
    try {
      return await connector(signal, 'http/1.1');
    } catch (error) {
      if (!isNoProtocol(error)) throw error;
      version = 'http/2 alone';
      return connector(signal);
    }
  };
  return async (id, opening) => {
    // When the opening has begun: loading keeps the event loop for milliseconds in which the network goes on. Over TLS it may turn
    // out to be of no use, and how long TCP takes is to show how far the server is.
    const cancel = origin.secure
      ? () => undefined
      : clock.schedule(0, () => void loadHttp1().catch(() => undefined));
    const opened = await connect(opening.signal).finally(cancel);
    if (opened.httpVersion !== '2') {
      const { Http1Connection } = await loadHttp1();
      requireOpen(opened, origin);
      return new Http1Connection(id, origin, opened, opening.onClose);
    }
    const { Http2Connection } = await import('./http2Connection.ts');
    requireOpen(opened, origin);
    const onClose = (closed: Connection) => {
      multiplexed.delete(connection);
      opening.onClose(closed);
    };
    const connection = new Http2Connection(id, origin, opened, { ...opening, onClose }, clock, goBack);
    multiplexed.add(connection);
    return connection;
  };
}

let http1: Promise<typeof import('./http1Connection.ts')> | undefined;

function loadHttp1() {
  http1 ??= import('./http1Connection.ts');
  return http1;
}

/** Nobody listens to a socket while what is to speak on it is loaded. */
function requireOpen({ socket }: OpenedSocket, origin: Origin): void {
  if (!socket.destroyed) return;
  const cause = Object.assign(new Error('it was closed at once'), { code: 'ECONNRESET' });
  throw connectFailure(cause, origin, origin.secure ? 'tls' : 'tcp');
}

/** The server knows none of the protocols that ALPN offered (RFC 7301, 3.2). */
function isNoProtocol(error: unknown): boolean {
  const cause = isSluiceError(error) ? error.cause : undefined;
  return /no application protocol|NO_APPLICATION_PROTOCOL/i.test(
    cause instanceof Error ? `${cause.message} ${(cause as NodeJS.ErrnoException).code}` : '',
  );
}
