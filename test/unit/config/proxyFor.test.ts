import { describe, expect, test } from 'vitest';
import {
  type Environment,
  isSameServer,
  type ProxySettings,
  proxyFor,
  proxyRules,
  withProxy,
} from '../../../src/core/config/proxyFor.ts';
import { DEFAULT_DRAIN, DEFAULT_POOL, type ServerConfig } from '../../../src/core/config/serverConfig.ts';
import { isSluiceError } from '../../../src/core/errors.ts';

const UNSET: ProxySettings = {
  proxy: '',
  noProxy: [],
  authorization: '',
  strictSSL: true,
  support: 'override',
};
const SERVER = 'https://mcp.example.com/mcp';
/** A server that is reached directly. */
const config: ServerConfig = {
  name: 'docs',
  url: SERVER,
  headers: {},
  protocol: 'auto',
  requestTimeout: 1,
  pool: DEFAULT_POOL,
  drain: DEFAULT_DRAIN,
  http2: 'auto',
  tls: {},
  secrets: ['token'],
};

const settings = (overrides: Partial<ProxySettings>) => ({ ...UNSET, ...overrides });
/** The proxy by which a URL is reached. */
const found = (url: string, overrides: Partial<ProxySettings>, env: Environment = {}) =>
  proxyFor(new URL(url), proxyRules(settings(overrides), env));
/** Source and URL of the proxy, or `direct`. */
function way(url: string, overrides: Partial<ProxySettings>, env: Environment = {}): string {
  const proxy = found(url, overrides, env);
  return proxy === undefined ? 'direct' : `${proxy.source} ${proxy.url}`;
}
const through = (url: string, noProxy: readonly string[]) =>
  way(url, { proxy: 'http://p:1', noProxy }) !== 'direct';

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isSluiceError(error)) return `${error.code}: ${error.message} ${error.hint}`;
  }
  throw new Error('it did not fail');
}

describe('the proxy of a server', () => {
  test.each<[string, Partial<ProxySettings>, Environment, string]>([
    ['nothing is set', {}, {}, 'direct'],
    ['http.proxy is set', { proxy: 'http://p:3128' }, {}, 'http.proxy http://p:3128'],
    ['http.proxy is blank', { proxy: ' ' }, { HTTPS_PROXY: 'http://e:1' }, 'HTTPS_PROXY http://e:1'],
    ['both are set', { proxy: 'http://p:1' }, { https_proxy: 'http://e:1' }, 'http.proxy http://p:1'],
    [
      'both cases are set',
      {},
      { HTTPS_PROXY: 'http://u:1', https_proxy: 'http://l:1' },
      'https_proxy http://l:1',
    ],
    [
      'both schemes are set',
      {},
      { HTTP_PROXY: 'http://h:1', HTTPS_PROXY: 'http://s:1' },
      'HTTPS_PROXY http://s:1',
    ],
    ['the other scheme is set', {}, { http_proxy: 'http://h:1' }, 'http_proxy http://h:1'],
    [
      'ALL_PROXY is the last',
      {},
      { ALL_PROXY: 'socks5://a:1', HTTP_PROXY: 'http://h:1' },
      'HTTP_PROXY http://h:1',
    ],
    ['ALL_PROXY is alone', {}, { ALL_PROXY: 'socks5://a:1' }, 'ALL_PROXY socks5://a:1'],
    [
      'an empty variable is unset',
      {},
      { https_proxy: '', HTTPS_PROXY: 'http://u:1' },
      'HTTPS_PROXY http://u:1',
    ],
    [
      'proxies are switched off',
      { proxy: 'http://p:1', support: 'off' },
      { HTTPS_PROXY: 'http://e:1' },
      'direct',
    ],
    ['proxies are a fallback', { proxy: 'http://p:1', support: 'fallback' }, {}, 'http.proxy http://p:1'],
    ['NO_PROXY names the host', {}, { HTTPS_PROXY: 'http://e:1', NO_PROXY: 'other,example.com' }, 'direct'],
    ['no_proxy holds for the setting too', { proxy: 'http://p:1' }, { no_proxy: '.example.com' }, 'direct'],
    [
      'http.noProxy holds for a variable',
      { noProxy: ['mcp.example.com'] },
      { HTTPS_PROXY: 'http://e:1' },
      'direct',
    ],
    [
      'http.noProxy replaces NO_PROXY',
      { proxy: 'http://p:1', noProxy: ['elsewhere.com'] },
      { NO_PROXY: '*' },
      'http.proxy http://p:1',
    ],
  ])('where %s', (_, overrides, env, expected) => {
    expect(way(SERVER, overrides, env)).toBe(expected);
  });

  test('of a plain server is the one of its own scheme', () => {
    const env = { HTTP_PROXY: 'http://h:1', HTTPS_PROXY: 'http://s:1' };
    expect(way('http://mcp.example.com/mcp', {}, env)).toBe('HTTP_PROXY http://h:1');
    expect(way('http://mcp.example.com/mcp', {}, { HTTPS_PROXY: 'http://s:1' })).toBe(
      'HTTPS_PROXY http://s:1',
    );
  });

  test.each([
    'http://localhost:3000/mcp',
    'https://LOCALHOST/mcp',
    'http://app.localhost/mcp',
    'http://127.0.0.1/mcp',
    'http://127.8.8.8:99/mcp',
    'http://0.0.0.0:3000/mcp',
    'http://[::1]:3000/mcp',
    'http://[::ffff:127.0.0.1]/mcp',
  ])('is never between this machine and %s', (url) => {
    expect(way(url, { proxy: 'http://p:1' }, { ALL_PROXY: 'http://a:1' })).toBe('direct');
  });

  test.each([
    ['*', true],
    ['mcp.example.com', true],
    ['example.com', true],
    ['.example.com', true],
    ['*.example.com', true],
    [' EXAMPLE.com ', true],
    ['example.com:443', true],
    ['example.com:8443', false],
    ['ample.com', false],
    ['example.com.evil', false],
    ['mcp', false],
    ['', false],
    [':443', false],
    ['.', false],
  ])('is left out of the way by the pattern %j: %s', (pattern, bypassed) => {
    expect(through(SERVER, [pattern])).toBe(!bypassed);
  });

  test.each([
    ['http://10.1.2.3/mcp', '10.1.2.3', true],
    ['http://10.1.2.3/mcp', '10.1.2.3:80', true],
    ['http://10.1.2.3/mcp', '10.0.0.0/8', true],
    ['http://11.1.2.3/mcp', '10.0.0.0/8', false],
    ['http://10.1.2.3/mcp', '10.0.0.0/99', false],
    ['http://10.1.2.3/mcp', '2.3', false],
    ['http://[2001:db8::7]/mcp', '2001:db8::7', true],
    ['http://[2001:db8::7]/mcp', '2001:DB8:0::7', true],
    ['http://[2001:db8::7]:81/mcp', '[2001:db8::7]:81', true],
    ['http://[2001:db8::7]:81/mcp', '[2001:db8::7]:82', false],
    ['http://[2001:db8::7]/mcp', '2001:db8::/32', true],
    ['http://[2001:db9::7]/mcp', '2001:db8::/32', false],
  ])('to the address %s is left out by %s: %s', (url, pattern, bypassed) => {
    expect(through(url, [pattern])).toBe(!bypassed);
  });

  test.each([
    ['http://p', { kind: 'http', url: 'http://p' }],
    ['https://p:8443/', { kind: 'http', url: 'https://p:8443' }],
    ['proxy.example.com:8080', { kind: 'http', url: 'http://proxy.example.com:8080' }],
    ['socks://p:1', { kind: 'socks5', url: 'socks://p:1' }],
    ['socks5h://p', { kind: 'socks5', url: 'socks5h://p' }],
    ['socks4a://p:1', { kind: 'socks4', url: 'socks4a://p:1' }],
    ['http://[::2]:8080', { kind: 'http', url: 'http://[::2]:8080' }],
  ])('%s is understood', (proxy, expected) => {
    expect(found(SERVER, { proxy })).toEqual({
      ...expected,
      source: 'http.proxy',
      strictSSL: true,
    });
  });

  test('that is none is told, and is never gone around', () => {
    expect(messageOf(() => found(SERVER, { proxy: 'ftp://ada:hunter2@p' }))).toBe(
      'config-invalid: http.proxy does not name a proxy that Sluice can use: found "ftp://…@p" Write one such as "http://proxy.example.com:8080"; https:// and socks5:// are known too.',
    );
    expect(messageOf(() => found(SERVER, {}, { HTTPS_PROXY: 'http://' }))).toContain(
      'It is a variable of the environment in which VS Code was started.',
    );
  });
});

describe('the credentials of a proxy', () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  test.each([
    ['http://ada:secret@p:1', basic('ada:secret')],
    ['http://ada@p:1', basic('ada:')],
    ['http://a%40b:s%3Ac%2Fr%25t@p:1', basic('a@b:s:c/r%t')],
    ['http://ada:100%@p:1', basic('ada:100%')],
    ['http://ada:pässword@p:1', basic('ada:pässword')],
  ])('of %s are decoded and sent as Basic', (proxy, authorization) => {
    expect(found(SERVER, { proxy })).toMatchObject({ url: 'http://p:1', authorization });
  });

  test('are those of http.proxyAuthorization, where it is set', () => {
    const proxy = found(SERVER, { proxy: 'http://ada:x@p:1', authorization: 'Negotiate abc' });
    expect(proxy).toMatchObject({ authorization: 'Negotiate abc' });
  });

  test('of a SOCKS proxy are a name and a password, and no header', () => {
    const proxy = found(SERVER, { proxy: 'socks5://a%20b:c@p:1', authorization: 'Basic x' });
    expect(proxy).toEqual({
      kind: 'socks5',
      url: 'socks5://p:1',
      source: 'http.proxy',
      strictSSL: true,
      username: 'a b',
      password: 'c',
    });
  });

  test('that no header can carry are refused, and not shown', () => {
    const message = messageOf(() =>
      found(SERVER, { proxy: 'http://p', authorization: 'Basic s3cret\nX: y' }),
    );
    expect(message).toContain('http.proxyAuthorization: found a line break');
    expect(message).not.toContain('s3cret');
  });

  test('are secrets of the server', () => {
    const secrets = (proxy: string, authorization = '') =>
      withProxy(config, settings({ proxy, authorization }), {}).secrets;
    expect(secrets('http://ada:hunter2@p')).toEqual([
      'token',
      Buffer.from('ada:hunter2').toString('base64'),
      'hunter2',
    ]);
    expect(secrets('http://p', 'Negotiate YIIJ=')).toEqual(['token', 'YIIJ=']);
    expect(secrets('socks5://ada:hunter2@p')).toEqual(['token', 'hunter2']);
    expect(withProxy(config, UNSET, {})).toBe(config);
  });
});

describe('proxies that change', () => {
  const through = (url: string, overrides: Partial<ProxySettings>, env: Environment = {}) =>
    withProxy({ ...config, url }, settings(overrides), env);

  test('make another server of those that are reached through them, and of no others', () => {
    const proxy = 'http://p:1';
    const isTouched = (url: string, before: Partial<ProxySettings>, after: Partial<ProxySettings>) =>
      !isSameServer(through(url, before), through(url, after));
    for (const url of [
      'http://127.0.0.1:1/mcp',
      'https://mcp.example.com/mcp',
      'https://elsewhere.com/mcp',
    ]) {
      const isFar = !url.includes('127.0.0.1');
      expect(isTouched(url, {}, {})).toBe(false);
      expect(isTouched(url, { proxy }, { proxy }), 'read again').toBe(false);
      expect(isTouched(url, {}, { proxy }), 'set').toBe(isFar);
      expect(isTouched(url, { proxy }, { proxy: 'http://p:2' }), 'moved').toBe(isFar);
      expect(isTouched(url, { proxy }, { proxy: 'http://ada:x@p:1' }), 'other credentials').toBe(isFar);
      const noProxy = ['elsewhere.com'];
      expect(isTouched(url, { proxy }, { proxy, noProxy }), url).toBe(url.includes('elsewhere'));
    }
  });

  test('of a server that is no proxy is told before it is connected, and of another scheme is no matter to it', () => {
    const env = { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'ftp://p' };
    expect(messageOf(() => through('http://mcp.example.com/mcp', {}, env))).toContain(
      'HTTP_PROXY does not name a proxy',
    );
    const { proxy } = through(SERVER, {}, env);
    expect(proxyFor(new URL(SERVER), proxy)).toMatchObject({ url: 'http://p:1' });
    expect(messageOf(() => proxyFor(new URL('http://login.example.com/'), proxy))).toContain('HTTP_PROXY');
  });
});
