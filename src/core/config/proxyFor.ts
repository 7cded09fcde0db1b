import { isDeepStrictEqual } from 'node:util';
import { SluiceError } from '../errors.ts';
import { checkHeaderValue } from './headerRules.ts';
import { bypassesProxy, isLoopback } from './noProxy.ts';
import type { ProxyConfig, ProxyRules, ServerConfig, UnusableProxy } from './serverConfig.ts';
import { describeUrl } from './serverUrl.ts';
import { SHORTEST_SECRET } from './variables.ts';

/** VS Code's own settings `http.*`, as far as they decide how a server is reached. */
export interface ProxySettings {
  /** `http.proxy`; empty where it is not set. */
  readonly proxy: string;
  /** `http.noProxy` */
  readonly noProxy: readonly string[];
  /** `http.proxyAuthorization`; empty where it is not set. */
  readonly authorization: string;
  /** `http.proxyStrictSSL` */
  readonly strictSSL: boolean;
  /** `http.proxySupport` */
  readonly support: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Adds the rules for proxies to a server, if there are any; what must not be shown of its own proxy is added to the secrets.
 * @throws SluiceError `config-invalid` where what is set for its URL is no proxy
 */
export function withProxy(config: ServerConfig, settings: ProxySettings, env: Environment): ServerConfig {
  const proxy = proxyRules(settings, env);
  if (proxy === undefined) return config;
  const own = proxyFor(new URL(config.url), proxy);
  if (own === undefined) return { ...config, proxy };
  const secrets = new Set([...config.secrets, ...secretsOf(own)]);
  return { ...config, proxy, secrets: [...secrets].filter((secret) => secret.length >= SHORTEST_SECRET) };
}

/**
 * By which proxies URLs are reached; undefined where none is. They are the ones that VS Code's own requests take, as its
 * proxy agent decides (`useProxySettings` in @vscode/proxy-agent 0.45):
 * - `http.proxySupport` `off` switches all of it off, the environment too;
 * - this machine is reached directly;
 * - `http.noProxy`, where it has entries, replaces `NO_PROXY`; either holds for every proxy, wherever it comes from;
 * - `http.proxy` wins over the environment, lower case over upper case, and one variable does for both schemes.
 *
 * Beyond VS Code: of two variables a URL takes the one of its own scheme, as everywhere else; `ALL_PROXY` comes last.
 * Short of VS Code: the proxy of the operating system, and its PAC script, are not told to extensions.
 */
export function proxyRules(settings: ProxySettings, env: Environment): ProxyRules | undefined {
  if (settings.support === 'off') return undefined;
  const https = named(['https', 'http', 'all'], settings, env);
  const http = named(['http', 'https', 'all'], settings, env);
  if (https === undefined || http === undefined) return undefined;
  const bypass =
    settings.noProxy.length > 0
      ? settings.noProxy
      : (env['no_proxy'] || env['NO_PROXY'] || '').split(/[\s,]+/).filter((pattern) => pattern !== '');
  return { https, http, bypass };
}

/** @param schemes of the variables of the environment, the one that wins first */
function named(
  schemes: readonly string[],
  settings: ProxySettings,
  env: Environment,
): ProxyConfig | UnusableProxy | undefined {
  if (settings.proxy.trim() !== '') return parseProxy(settings.proxy, 'http.proxy', settings);
  for (const scheme of schemes) {
    for (const name of [`${scheme}_proxy`, `${scheme}_proxy`.toUpperCase()]) {
      const value = env[name] ?? '';
      if (value.trim() !== '') return parseProxy(value, name, settings);
    }
  }
  return undefined;
}

/**
 * The proxy through which `url` is reached; undefined for a direct connection.
 *
 * @throws SluiceError `config-invalid` where what is set is no proxy: going around it in silence would send data
 *   another way than was asked for
 */
export function proxyFor(url: URL, rules: ProxyRules | undefined): ProxyConfig | undefined {
  if (rules === undefined) return undefined;
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  if (isLoopback(hostname) || bypassesProxy(rules.bypass, { hostname, port })) return undefined;
  const proxy = secure ? rules.https : rules.http;
  if (proxy.kind !== 'unusable') return proxy;
  const { message, hint } = proxy;
  throw new SluiceError('config-invalid', message, { phase: 'settings', delivery: 'not-sent', hint });
}

/** The proxy through which the server itself is reached. */
export function proxyOf({ url, proxy }: ServerConfig): ProxyConfig | undefined {
  return proxyFor(new URL(url), proxy);
}

/** Whether two settings come to the same for the server itself: of the rules for proxies, what holds for its own URL counts. */
export function isSameServer(one: ServerConfig, other: ServerConfig): boolean {
  return isDeepStrictEqual({ ...one, proxy: proxyOf(one) }, { ...other, proxy: proxyOf(other) });
}

/** VS Code lets a SOCKS proxy resolve names, whichever of these is written. */
const KINDS: ReadonlyMap<string, ProxyConfig['kind']> = new Map([
  ['http:', 'http'],
  ['https:', 'http'],
  ['socks:', 'socks5'],
  ['socks5:', 'socks5'],
  ['socks5h:', 'socks5'],
  ['socks4:', 'socks4'],
  ['socks4a:', 'socks4'],
]);

function parseProxy(text: string, source: string, settings: ProxySettings): ProxyConfig | UnusableProxy {
  // `proxy.example.com:8080`, as many write it in the environment.
  const href = text.includes('://') ? text.trim() : `http://${text.trim()}`;
  const parsed = URL.parse(href);
  const kind = KINDS.get(parsed?.protocol ?? '');
  if (parsed === null || kind === undefined || parsed.hostname === '') {
    return unusable(
      source,
      `${source} does not name a proxy that Sluice can use: found ${describeUrl(text)}`,
      'Write one such as "http://proxy.example.com:8080"; https:// and socks5:// are known too.',
    );
  }
  const place = { url: `${parsed.protocol}//${parsed.host}`, source, strictSSL: settings.strictSSL };
  const username = decoded(parsed.username);
  const password = decoded(parsed.password);
  if (kind !== 'http') return { kind, ...place, ...(username === '' ? {} : { username, password }) };
  const authorization = settings.authorization || basic(username, password);
  if (authorization === '') return { kind, ...place };
  const finding = checkHeaderValue(authorization);
  if (finding !== undefined)
    return unusable(
      'http.proxyAuthorization',
      `http.proxyAuthorization: ${finding.found}`,
      `${finding.hint}.`,
    );
  return { kind, ...place, authorization };
}

/** RFC 7617; in UTF-8, as servers read it today. */
function basic(username: string, password: string): string {
  if (username === '' && password === '') return '';
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** A percent sign that encodes nothing is a percent sign. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function secretsOf(proxy: ProxyConfig): readonly string[] {
  if (proxy.kind !== 'http') return proxy.password === undefined ? [] : [proxy.password];
  const { authorization = '' } = proxy;
  const credentials = /^\S+\s+(\S.*)$/.exec(authorization)?.[1] ?? authorization;
  const isBasic = /^basic\s/i.test(authorization);
  const [, password = ''] = isBasic
    ? (/^[^:]*:(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [])
    : [];
  return [credentials, password];
}

function unusable(source: string, message: string, hint: string): UnusableProxy {
  const where = /^http\./.test(source)
    ? ''
    : ' It is a variable of the environment in which VS Code was started.';
  return { kind: 'unusable', message, hint: `${hint}${where}` };
}
