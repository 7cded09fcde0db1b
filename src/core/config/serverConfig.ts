/** Protocol revisions that can be pinned; `auto` finds the server's out. */
export const PROTOCOL_CHOICES = [
  'auto',
  '2026-07-28',
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
] as const;
export type ProtocolChoice = (typeof PROTOCOL_CHOICES)[number];

/** Whether a connection carries another call: if the server was found to tolerate it, always, or never. */
export const REUSE_CHOICES = ['auto', 'always', 'never'] as const;
export type ReuseChoice = (typeof REUSE_CHOICES)[number];

/** `auto` speaks HTTP/2 with a server that offers it over TLS. */
export const HTTP2_CHOICES = ['auto', 'never'] as const;
export type Http2Choice = (typeof HTTP2_CHOICES)[number];

export interface PoolConfig {
  /** Sockets of one server that carry calls, open at any moment. */
  readonly maxConnections: number;
  /** Connections kept open ahead of the next calls; `auto` opens as many as the calls' rate needs. */
  readonly warmConnections: 'auto' | number;
  readonly reuse: ReuseChoice;
  /** Milliseconds that an idle connection is kept. */
  readonly idleTimeout: number;
  /** Milliseconds that a call waits for a connection at the cap. */
  readonly queueTimeout: number;
}

export interface DrainConfig {
  /** Milliseconds that the rest of a response may take after the answer. */
  readonly timeout: number;
  /** Bytes that the rest of a response may have. */
  readonly maxBytes: number;
}

export interface MessageConfig {
  /** Bytes of one message that a server sends. */
  readonly maxBytes: number;
  /** What one message may cost to parse: as much as so many numbers (`jsonrpc/jsonSize`, COST). */
  readonly maxValues: number;
}

export interface TlsConfig {
  /** Path of a PEM file with certificates to trust besides the system's. */
  readonly ca?: string;
  /** Path of a PEM file with the client's certificate chain. */
  readonly cert?: string;
  /** Path of a PEM file with the client's private key. */
  readonly key?: string;
  /** Passphrase of `key`. */
  readonly passphrase?: string;
  /** Name to ask for and to check in the server's certificate, where it differs from the URL's host. */
  readonly servername?: string;
  /** False accepts any certificate. */
  readonly rejectUnauthorized?: boolean;
  /** False: the system's certificates are not trusted. VS Code's own `http.systemCertificates`, for all servers. */
  readonly systemCertificates?: boolean;
}

/**
 * By which proxies URLs are reached from here: what the settings and the environment come to, as data that can be
 * compared. `config/proxyFor` makes the function of it.
 */
export interface ProxyRules {
  /** For https:// URLs, and for http:// ones. */
  readonly https: ProxyConfig | UnusableProxy;
  readonly http: ProxyConfig | UnusableProxy;
  /** Hosts that are reached directly all the same, as patterns (`config/noProxy`). This machine always is. */
  readonly bypass: readonly string[];
}

/** What is set where a proxy should be is none: an error of whoever is to be reached by it. */
export interface UnusableProxy {
  readonly kind: 'unusable';
  readonly message: string;
  readonly hint: string;
}

/** The proxy between this machine and one origin. */
export type ProxyConfig = HttpProxyConfig | SocksProxyConfig;

interface ProxyPlace {
  /** Scheme, host and port; never a user's name or password. */
  readonly url: string;
  /** What names it, for messages: `http.proxy`, or a variable of the environment such as `HTTPS_PROXY`. */
  readonly source: string;
  /** False accepts any certificate of the proxy, and any that comes through it. */
  readonly strictSSL: boolean;
}

export interface HttpProxyConfig extends ProxyPlace {
  readonly kind: 'http';
  /** The whole value of `Proxy-Authorization`. */
  readonly authorization?: string;
}

/** The proxy resolves the server's name. */
export interface SocksProxyConfig extends ProxyPlace {
  readonly kind: 'socks4' | 'socks5';
  readonly username?: string;
  readonly password?: string;
}

/** One server as core/ wants it: checked, complete, with no variables left. */
export interface ServerConfig {
  /** Key in `sluice.servers`. */
  readonly name: string;
  /** The MCP endpoint. What may be shown of it, `connections/serverMask` tells. */
  readonly url: string;
  /** The same with what its variables gave masked; absent where it has none that is to be hidden. */
  readonly shownUrl?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: ProtocolChoice;
  /** Milliseconds from asking to the response. */
  readonly requestTimeout: number;
  readonly pool: PoolConfig;
  readonly drain: DrainConfig;
  /** `DEFAULT_MESSAGE` where absent. */
  readonly message?: MessageConfig;
  readonly http2: Http2Choice;
  readonly tls: TlsConfig;
  /** For the server, and for other origins that it sends its client to. Absent where all are reached directly. */
  readonly proxy?: ProxyRules;
  /** Values that no sink may ever show: what `${env:}` and `${input:}` gave, and a proxy's credentials. */
  readonly secrets: readonly string[];
}

/** One entry of `sluice.servers`, checked and complete; its strings may still hold variables. */
export interface ServerSettings extends Omit<ServerConfig, 'secrets' | 'shownUrl' | 'proxy'> {
  /** False: listed, and never connected. */
  readonly enabled: boolean;
}

export const DEFAULT_POOL: PoolConfig = {
  maxConnections: 16,
  warmConnections: 'auto',
  reuse: 'auto',
  idleTimeout: 60_000,
  queueTimeout: 30_000,
};
export const DEFAULT_DRAIN: DrainConfig = { timeout: 250, maxBytes: 65_536 };
/** So much is parsed in well under 100 ms, whatever a server makes of it; 64 MiB of plain text fit in. */
export const DEFAULT_MESSAGE: MessageConfig = { maxBytes: 64 * 1024 * 1024, maxValues: 1_100_000 };
export const DEFAULT_REQUEST_TIMEOUT = 60_000;
export const DEFAULT_HTTP2: Http2Choice = 'auto';

/** What a number in settings may be: whole, from `min` to `max`. The contributed schema repeats it; a test compares. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly unit: 'connections' | 'milliseconds' | 'bytes' | 'values';
}

export const POOL_RANGES: Readonly<Record<Exclude<keyof PoolConfig, 'reuse'>, Range>> = {
  maxConnections: { min: 1, max: 256, unit: 'connections' },
  warmConnections: { min: 0, max: 256, unit: 'connections' },
  idleTimeout: { min: 0, max: 3_600_000, unit: 'milliseconds' },
  queueTimeout: { min: 1, max: 3_600_000, unit: 'milliseconds' },
};
export const DRAIN_RANGES: Readonly<Record<keyof DrainConfig, Range>> = {
  timeout: { min: 0, max: 60_000, unit: 'milliseconds' },
  maxBytes: { min: 0, max: 16_777_216, unit: 'bytes' },
};
export const MESSAGE_RANGES: Readonly<Record<keyof MessageConfig, Range>> = {
  maxBytes: { min: 65_536, max: 268_435_456, unit: 'bytes' },
  maxValues: { min: 10_000, max: 100_000_000, unit: 'values' },
};
export const REQUEST_TIMEOUT_RANGE: Range = { min: 1, max: 86_400_000, unit: 'milliseconds' };
