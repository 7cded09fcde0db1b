import type { Socket } from 'node:net';
import type { HttpProxyConfig } from '../config/serverConfig.ts';
import type { Origin } from './origin.ts';
import { proxyRefusal, proxySilence } from './proxyFailure.ts';
import { SocketReader } from './socketEvents.ts';

/** Bytes of the answer's head: what undici, too, takes at most of a server. */
const MAX_HEAD = 16_384;

/**
 * Has an HTTP proxy connect to the origin's host and port (RFC 9110, 9.3.6). Afterwards the socket is the tunnel:
 * the first byte that is read of it is the server's.
 *
 * @throws SluiceError `proxy-auth` or `proxy-failed`; the socket is the caller's to destroy
 */
export async function openTunnel(
  socket: Socket,
  origin: Origin,
  proxy: HttpProxyConfig,
  signal: AbortSignal,
): Promise<void> {
  const authority = authorityOf(origin);
  const authorization =
    proxy.authorization === undefined ? '' : `Proxy-Authorization: ${proxy.authorization}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`, 'latin1');
  const reader = new SocketReader(socket, signal);
  const head = await reader.upTo('\r\n\r\n', MAX_HEAD);
  const [statusLine = '', ...fields] = (head?.toString('latin1') ?? '').split('\r\n');
  const [, status, reason = ''] = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/.exec(statusLine) ?? [];
  if (status === undefined) throw proxySilence(proxy, reader.hasRead);
  if (!status.startsWith('2'))
    throw proxyRefusal(proxy, origin, { status: Number(status), reason, challenges: challengesIn(fields) });
}

/** Host and port, the host of an IPv6 literal in brackets. */
function authorityOf({ hostname, port }: Origin): string {
  return `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
}

/** The schemes that the proxy would take, such as `Basic` and `Negotiate`. */
function challengesIn(fields: readonly string[]): readonly string[] {
  return fields.flatMap((field) => /^proxy-authenticate:\s*([A-Za-z-]+)/i.exec(field)?.[1] ?? []);
}
