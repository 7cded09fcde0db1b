import { isIP, isIPv4, type Socket } from 'node:net';
import type { SocksProxyConfig } from '../config/serverConfig.ts';
import type { Origin } from './origin.ts';
import { proxyAuthFailed, proxySilence, socksRefusal } from './proxyFailure.ts';
import { SocketReader } from './socketEvents.ts';

const NO_AUTHENTICATION = 0;
const USERNAME_PASSWORD = 2;
/** The kinds of address, and how many bytes each has; a name has as many as its first byte says. */
const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;

/**
 * Has a SOCKS proxy connect to the origin's host and port; the proxy resolves the name. Afterwards the socket is the
 * tunnel: the first byte that is read of it is the server's.
 *
 * @throws SluiceError `proxy-auth` or `proxy-failed`; the socket is the caller's to destroy
 */
export async function openSocks(
  socket: Socket,
  origin: Origin,
  proxy: SocksProxyConfig,
  signal: AbortSignal,
): Promise<void> {
  const reader = new SocketReader(socket, signal);
  const read = async (length: number) => {
    const bytes = await reader.exactly(length);
    if (bytes === undefined) throw proxySilence(proxy, reader.hasRead);
    return bytes;
  };
  if (proxy.kind === 'socks4') return connect4(socket, origin, proxy, read);
  await authenticate5(socket, proxy, read);
  await connect5(socket, origin, proxy, read);
}

type Read = (length: number) => Promise<Buffer>;

/** RFC 1928, section 3, and RFC 1929. */
async function authenticate5(socket: Socket, proxy: SocksProxyConfig, read: Read): Promise<void> {
  const { username, password = '' } = proxy;
  const methods = username === undefined ? [NO_AUTHENTICATION] : [NO_AUTHENTICATION, USERNAME_PASSWORD];
  socket.write(Buffer.from([5, methods.length, ...methods]));
  const [version, method] = await read(2);
  if (version !== 5) throw proxySilence(proxy, true);
  if (method === NO_AUTHENTICATION) return;
  if (method !== USERNAME_PASSWORD || username === undefined)
    throw proxyAuthFailed(proxy, ['a user name and password']);
  socket.write(Buffer.from([1, ...counted(username), ...counted(password)]));
  const [, status] = await read(2);
  if (status !== 0) throw proxyAuthFailed(proxy, ['another user name or password']);
}

/** RFC 1928, sections 4 to 6. */
async function connect5(socket: Socket, origin: Origin, proxy: SocksProxyConfig, read: Read): Promise<void> {
  socket.write(Buffer.from([5, 1, 0, ...addressOf(origin.hostname), origin.port >> 8, origin.port & 255]));
  const [version, reply = 0, , kind] = await read(4);
  if (version !== 5) throw proxySilence(proxy, true);
  if (reply !== 0) throw socksRefusal(proxy, origin, REPLIES[reply] ?? `reply ${reply}`);
  // The address that the proxy connects from: it has to be read, and is of no use.
  const length = kind === IPV4 ? 4 : kind === IPV6 ? 16 : ((await read(1))[0] ?? 0);
  await read(length + 2);
}

/** SOCKS 4A: an address that cannot be, and the name behind it. */
async function connect4(socket: Socket, origin: Origin, proxy: SocksProxyConfig, read: Read): Promise<void> {
  const { hostname, port } = origin;
  const isAddress = isIPv4(hostname);
  const address = isAddress ? hostname.split('.').map(Number) : [0, 0, 0, 1];
  const user = Buffer.from(proxy.username ?? '');
  const name = isAddress ? [] : [...Buffer.from(hostname), 0];
  socket.write(Buffer.from([4, 1, port >> 8, port & 255, ...address, ...user, 0, ...name]));
  const [version, reply = 0] = await read(8);
  if (version !== 0) throw proxySilence(proxy, true);
  if (reply === 92 || reply === 93) throw proxyAuthFailed(proxy, ['a user that it knows']);
  if (reply !== 90) throw socksRefusal(proxy, origin, 'it is refused or cannot be reached');
}

const REPLIES: readonly (string | undefined)[] = [
  undefined,
  'the proxy failed',
  'its rules forbid it',
  'the network cannot be reached',
  'the host cannot be reached',
  'nothing listens there',
  'it took too long',
  'the proxy does not support CONNECT',
  'the proxy does not know this kind of address',
];

function addressOf(hostname: string): readonly number[] {
  switch (isIP(hostname)) {
    case 4:
      return [IPV4, ...hostname.split('.').map(Number)];
    case 6:
      return [IPV6, ...ipv6Bytes(hostname)];
    default:
      return [NAME, ...counted(hostname)];
  }
}

/** The 16 bytes of an address as URLs write it: hexadecimal groups, the longest run of zeros as `::`. */
function ipv6Bytes(address: string): readonly number[] {
  const [before = [], after = []] = address
    .split('::')
    .map((side) => (side === '' ? [] : side.split(':').map((group) => Number.parseInt(group, 16))));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 255]);
}

/** A text behind its length, which is one byte. */
function counted(text: string): readonly number[] {
  const bytes = Buffer.from(text).subarray(0, 255);
  return [bytes.length, ...bytes];
}
