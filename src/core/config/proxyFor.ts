import { SluiceError } from '../errors.ts';
import { checkHeaderValue } from './headerRules.ts';
import { bypassesProxy, isLoopback } from './noProxy.ts';
import type { ProxyConfig, ServerConfig } from './serverConfig.ts';
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

/** Adds the proxy of a server's URL, if it has one; what must not be shown of it is added to the secrets. */
export function withProxy(config: ServerConfig, settings: ProxySettings, env: Environment): ServerConfig {
  const proxy = proxyFor(config.url, settings, env);
  if (proxy === undefined) return config;
  const secrets = new Set([...config.secrets, ...secretsOf(proxy)]);
  return { ...config, proxy, secrets: [...secrets].filter((secret) => secret.length >= SHORTEST_SECRET) };
}

/**
 * The proxy through which `url` is reached; undefined for a direct connection. It is the one that VS Code's own
 * requests take, as its proxy agent decides (`useProxySettings` in @vscode/proxy-agent 0.45):
 * - `http.proxySupport` `off` switches all of it off, the environment too;
 * - this machine is reached directly;
 * - `http.noProxy`, where it has entries, replaces `NO_PROXY`; either holds for every proxy, wherever it comes from;
 * - `http.proxy` wins over the environment, lower case over upper case, and one variable does for both schemes.
 *
 * Beyond VS Code: of two variables a URL takes the one of its own scheme, as everywhere else; `ALL_PROXY` comes last.
 * Short of VS Code: the proxy of the operating system, and its PAC script, are not told to extensions.
 *
 * @throws SluiceError `config-invalid` where what is set is no proxy: going around it in silence would send data
 *   another way than was asked for
 */
export function proxyFor(url: string, settings: ProxySettings, env: Environment): ProxyConfig | undefined {
  if (settings.support === 'off') return undefined;
  const { protocol, hostname: host, port } = new URL(url);
  const hostname = host.replace(/^\[(.*)\]$/, '$1');
  if (isLoopback(hostname)) return undefined;
  const secure = protocol === 'https:';
  const noProxy =
    settings.noProxy.length > 0
      ? settings.noProxy
      : (env['no_proxy'] || env['NO_PROXY'] || '').split(/[\s,]+/);
  const destination = { hostname, port: port === '' ? (secure ? 443 : 80) : Number(port) };
  if (bypassesProxy(noProxy, destination)) return undefined;

  if (settings.proxy.trim() !== '') return parseProxy(settings.proxy, 'http.proxy', settings);
  for (const scheme of secure ? ['https', 'http', 'all'] : ['http', 'https', 'all']) {
    for (const name of [`${scheme}_proxy`, `${scheme}_proxy`.toUpperCase()]) {
      const value = env[name] ?? '';
      if (value.trim() !== '') return parseProxy(value, name, settings);
    }
  }
  return undefined;
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

function parseProxy(text: string, source: string, settings: ProxySettings): ProxyConfig {
  // `proxy.example.com:8080`, as many write it in the environment.
  const href = text.includes('://') ? text.trim() : `http://${text.trim()}`;
  const parsed = URL.parse(href);
  const kind = KINDS.get(parsed?.protocol ?? '');
  if (parsed === null || kind === undefined || parsed.hostname === '') {
    throw invalid(
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
    throw invalid('http.proxyAuthorization', `http.proxyAuthorization: ${finding.found}`, `${finding.hint}.`);
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

function invalid(source: string, message: string, hint: string): SluiceError {
  const where = /^http\./.test(source)
    ? ''
    : ' It is a variable of the environment in which VS Code was started.';
  return new SluiceError('config-invalid', message, {
    phase: 'settings',
    delivery: 'not-sent',
    hint: `${hint}${where}`,
  });
}
