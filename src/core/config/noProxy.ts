import { BlockList, isIP } from 'node:net';

/** A host as a URL has it, without the brackets of an IPv6 literal, and its port. */
export interface Destination {
  readonly hostname: string;
  readonly port: number;
}

/**
 * Whether one of the patterns takes this destination out of the proxy's way:
 * - `*` everything;
 * - `example.com`, `.example.com`, `*.example.com`: that domain and all below it, as VS Code reads the first two;
 * - `10.0.0.7`, `::1`, `10.0.0.0/8`: addresses, compared as addresses;
 * - any of these with `:port` behind it, an IPv6 address in brackets then.
 */
export function bypassesProxy(patterns: readonly string[], destination: Destination): boolean {
  return patterns.some((pattern) => matches(pattern.trim().toLowerCase(), destination));
}

/**
 * This machine itself. VS Code, browsers and everything built on them never send it through a proxy, whatever the
 * settings say: on the proxy's machine the same name is another machine.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || contains(LOOPBACK, hostname);
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('0.0.0.0', 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
LOOPBACK.addAddress('::', 'ipv6');

function matches(pattern: string, { hostname, port }: Destination): boolean {
  if (pattern === '*') return true;
  const [, bracketed, named, portText] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(pattern) ?? [];
  // Only an IPv6 address has several colons, and without brackets it has no port.
  const host = bracketed ?? named ?? pattern;
  if (host === '' || (portText !== undefined && Number(portText) !== port)) return false;
  const addresses = addressesOf(host);
  if (addresses !== undefined) return contains(addresses, hostname);
  // The end of an address is no domain above it.
  if (isIP(hostname) !== 0) return false;
  const domain = host.replace(/^\*?\./, '');
  return hostname === domain || hostname.endsWith(`.${domain}`);
}

/** The addresses that a pattern stands for; undefined where it is a name. */
function addressesOf(pattern: string): BlockList | undefined {
  const [address = '', bits] = pattern.split('/');
  const family = isIP(address);
  const width = family === 4 ? 32 : 128;
  if (family === 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= width)))
    return undefined;
  const list = new BlockList();
  list.addSubnet(address, bits === undefined ? width : Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return list;
}

function contains(list: BlockList, hostname: string): boolean {
  const family = isIP(hostname);
  return family !== 0 && list.check(hostname, family === 4 ? 'ipv4' : 'ipv6');
}
