/** Scheme, host and port of a server: what a connection belongs to. */
export interface Origin {
  /** For example `https://example.com:8443`. */
  readonly href: string;
  readonly secure: boolean;
  /** Without the brackets of an IPv6 literal. */
  readonly hostname: string;
  readonly port: number;
}

/** @param url of a server or of a proxy */
export function originOf(url: URL): Origin {
  const { protocol, host, hostname, port } = url;
  return {
    href: `${protocol}//${host}`,
    secure: protocol === 'https:',
    hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (DEFAULT_PORTS[protocol] ?? 80) : Number(port),
  };
}

/** SOCKS has 1080, whichever version. */
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'socks:': 1080,
  'socks4:': 1080,
  'socks4a:': 1080,
  'socks5:': 1080,
  'socks5h:': 1080,
};
