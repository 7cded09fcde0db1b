/** Scheme, host and port of a server: what a connection belongs to. */
export interface Origin {
  /** For example `https://example.com:8443`. */
  readonly href: string;
  readonly secure: boolean;
  /** Without the brackets of an IPv6 literal. */
  readonly hostname: string;
  readonly port: number;
}

export function originOf(url: URL): Origin {
  const secure = url.protocol === 'https:';
  return {
    href: url.origin,
    secure,
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
  };
}
