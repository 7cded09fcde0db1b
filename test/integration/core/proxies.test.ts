import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ProxyConfig, ProxyRules } from '../../../src/core/config/serverConfig.ts';
import { createConnector } from '../../../src/core/http/connector.ts';
import { originOf } from '../../../src/core/http/origin.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import type { ServerCallbacks } from '../../../src/core/servers/serverCallbacks.ts';
import { ServerManager } from '../../../src/core/servers/serverManager.ts';
import { startDelayedLink } from '../../lab/delayedLink.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { type LabProxy, type LabProxyOptions, startLabProxy } from '../../lab/proxy.ts';
import { tlsIdentity } from '../../lab/tls.ts';
import { type Connected, connectTo, failureOf, serverConfig, textOf } from './connectTo.ts';
import { writePem } from './pemFiles.ts';

const tls = await tlsIdentity('private-ca');
const HOSTS = { 'mcp.test': '127.0.0.1' };

function proxyConfig({ url }: LabProxy, overrides: object = {}): ProxyConfig {
  const scheme = new URL(url).protocol.replace(/s?:$/, '');
  const kind = scheme.startsWith('socks') ? url.slice(0, 6) : 'http';
  return { kind, url, source: 'http.proxy', strictSSL: true, ...overrides } as ProxyConfig;
}

/** That proxy for all but this machine. */
function proxyRules(proxy: LabProxy, overrides: object = {}): ProxyRules {
  const config = proxyConfig(proxy, overrides);
  return { https: config, http: config, bypass: [] };
}

/** The lab under a name that only the proxy can resolve, so that nothing can get there around it. */
function behind(lab: Pick<Lab, 'url'>, proxy: LabProxy, overrides: object = {}): Connected {
  const url = lab.url.replace('127.0.0.1', 'mcp.test');
  const secure = url.startsWith('https:') ? { tls: { ca: writePem(tls.ca), servername: 'localhost' } } : {};
  return connectTo(url, { ...secure, proxy: proxyRules(proxy, overrides) });
}

const startBoth = async (secure: boolean, options: LabProxyOptions = {}) => {
  const lab = await startLab(secure ? { tls } : {});
  const proxy = await startLabProxy({ hosts: HOSTS, ...options });
  onTestFinished(async () => {
    await lab.close();
    await proxy.close();
  });
  return { lab, proxy };
};

describe('a server behind a proxy', () => {
  it.each([
    { secure: false, protocol: 'http', overTls: false, tunnels: 0 },
    { secure: true, protocol: 'http', overTls: false, tunnels: 1 },
    { secure: false, protocol: 'http', overTls: true, tunnels: 0 },
    { secure: true, protocol: 'http', overTls: true, tunnels: 1 },
    { secure: false, protocol: 'socks5', overTls: false, tunnels: 1 },
    { secure: true, protocol: 'socks5', overTls: false, tunnels: 1 },
    { secure: false, protocol: 'socks4', overTls: false, tunnels: 1 },
    { secure: true, protocol: 'socks4', overTls: false, tunnels: 1 },
  ] as const)(
    'is called through it (TLS: $secure, $protocol proxy, over TLS itself: $overTls)',
    async ({ secure, protocol, overTls, tunnels }) => {
      const { lab, proxy } = await startBoth(secure, { protocol, ...(overTls && { tls }) });
      await using client = connectTo(lab.url.replace('127.0.0.1', 'mcp.test'), {
        tls: { ca: writePem(tls.ca), ...(secure && { servername: 'localhost' }) },
        proxy: proxyRules(proxy),
      });
      expect(textOf(await client.connection.callTool('say_hello', { name: 'Ada' }))).toBe('Hello, Ada!');
      const again = await client.connection.callTool('say_hello', { name: 'Ada' });
      expect(again.wire.origin).toBe('reused');
      expect(new Set(proxy.targets)).toEqual(new Set([`mcp.test:${new URL(lab.url).port}`]));
      expect(proxy.counts).toMatchObject({
        accepted: 1,
        tunnels,
        requests: tunnels === 0 ? lab.counts.requests : 0,
      });
      expect(lab.counts.calls.get('say_hello')).toBe(2);
    },
  );

  it.each([
    { secure: false, protocol: 'http' },
    { secure: true, protocol: 'http' },
    { secure: true, protocol: 'socks5' },
  ] as const)(
    'gets our credentials ($protocol, TLS: $secure), which no trace shows',
    async ({ secure, protocol }) => {
      const credentials = { username: 'ada', password: 'lovelace-1815' };
      const { lab, proxy } = await startBoth(secure, { protocol, credentials });
      const authorization = `Basic ${Buffer.from('ada:lovelace-1815').toString('base64')}`;
      await using client = behind(lab, proxy, protocol === 'http' ? { authorization } : credentials);
      await client.connection.callTool('say_hello', {});
      expect(proxy.counts.unauthorized).toBe(0);
      const told = JSON.stringify(client.trace);
      expect(told).not.toContain('lovelace');
      expect(told).not.toContain(authorization.slice(6));
      expect(JSON.stringify(lab.received)).not.toContain('proxy-authorization');
    },
  );

  it.each([
    ['socks5', '[2001:db8::7]', '2001:0db8:0000:0000:0000:0000:0000:0007'],
    ['socks5', '192.0.2.7', '192.0.2.7'],
    ['socks4', '192.0.2.7', '192.0.2.7'],
    ['http', '[2001:db8::7]', '[2001:db8::7]'],
  ] as const)('may be named by its address (%s proxy, %s)', async (protocol, host, named) => {
    const { lab, proxy } = await startBoth(true, { protocol, hosts: { [named]: '127.0.0.1' } });
    await using client = connectTo(lab.url.replace('127.0.0.1', host), {
      tls: { ca: writePem(tls.ca), servername: 'localhost' },
      proxy: proxyRules(proxy),
    });
    await client.connection.callTool('say_hello', {});
    expect(proxy.targets).toEqual([`${named}:${new URL(lab.url).port}`]);
  });

  it('is warmed up through the tunnel: the call opens none', async () => {
    const { lab, proxy } = await startBoth(true);
    await using link = await startDelayedLink(lab.url, { oneWayMs: 5 });
    await using client = behind(link, proxy);
    await client.connection.listTools();
    // One beside the idle one shows that the server serves both.
    client.connection.warmUp();
    await client.until(({ pool }) => pool.warm === 1);
    const before = proxy.counts.tunnels;
    lab.disconnect();
    await client.until(({ pool }) => pool.idle + pool.warm === 0);
    client.connection.warmUp();
    await lab.waitFor(({ counts }) => counts.open === 1);
    const { tunnels } = proxy.counts;
    const { wire } = await client.connection.callTool('say_hello', {});
    expect(wire.use).toBe(1);
    expect(tunnels).toBe(before + 1);
    expect(proxy.counts.tunnels).toBe(before + 1);
  });

  it('is reconnected when its proxy changes, and no other server is', async () => {
    const { lab, proxy } = await startBoth(false);
    const url = lab.url.replace('127.0.0.1', 'mcp.test');
    const callbacks: ServerCallbacks = {
      traceLevel: () => 'off',
      onTrace() {},
      onState() {},
      onActivity() {},
    };
    const manager = new ServerManager({ callbacks: () => callbacks });
    onTestFinished(() => manager.close());
    const moved = serverConfig(url, { name: 'moved', proxy: proxyRules(proxy) });
    const local = serverConfig(lab.url, { name: 'local' });
    manager.apply([moved, local]);
    const before = manager.all();
    await Promise.all(before.map((connection) => connection.connect()));
    manager.apply([{ ...moved, proxy: proxyRules(proxy, { strictSSL: false }) }, { ...local }]);
    expect(manager.get('moved')).not.toBe(before[0]);
    expect(manager.get('local')).toBe(before[1]);
  });
});

describe('a proxy that does not let us through', () => {
  const saying = (text: string) => (socket: { end(text: string): unknown }) => void socket.end(text);
  const hint = expect.stringContaining('"http.noProxy"');

  it.each([
    [
      '403',
      saying('HTTP/1.1 403 Policy\r\n\r\n'),
      {
        code: 'proxy-failed',
        message: /does not allow connections to https:\/\/mcp\.test:\d+ \(HTTP 403, Policy\)$/,
        hint,
      },
    ],
    [
      '502',
      saying('HTTP/1.1 502 Bad Gateway\r\nX: y\r\n\r\n'),
      {
        code: 'proxy-failed',
        message: /could not connect to https:\/\/mcp\.test:\d+ \(HTTP 502, Bad Gateway\)$/,
        hint,
      },
    ],
    [
      '418',
      saying('HTTP/1.0 418\r\n\r\n'),
      { code: 'proxy-failed', message: /did not open a tunnel .* \(HTTP 418\)$/ },
    ],
    [
      'a scheme that Sluice does not speak',
      saying('HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: NTLM\r\n\r\n'),
      {
        code: 'proxy-auth',
        message: /wants credentials: it asks for Negotiate or NTLM \(HTTP 407\)$/,
        hint: expect.stringContaining('"http.proxyAuthorization"'),
      },
    ],
    [
      'garbage',
      saying('SSH-2.0-OpenSSH_9\r\n\r\n'),
      { code: 'proxy-failed', message: /not an answer of such a proxy$/, hint },
    ],
    [
      'a head without an end',
      (socket: { write(text: string): unknown }) =>
        void socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(17_000)}`),
      { code: 'proxy-failed', message: /not an answer of such a proxy$/ },
    ],
    [
      'nothing but the end',
      saying(''),
      { code: 'proxy-failed', message: /closed the connection without an answer$/ },
    ],
    [
      'a reset',
      (socket: object) => void (socket as Socket).resetAndDestroy(),
      { code: 'proxy-failed', message: /closed the connection without an answer \(ECONNRESET\)$/ },
    ],
  ] as const)('but answers %s', async (_, answer, { message, ...expected }) => {
    const { lab, proxy } = await startBoth(true, { answer });
    await using client = behind(lab, proxy);
    const error = await failureOf(client.connection.connect());
    expect(error).toMatchObject({ ...expected, phase: 'connect', delivery: 'not-sent' });
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`The proxy ${proxy.url} (http.proxy) `);
    expect(lab.counts.accepted).toBe(0);
    await proxy.left();
  });

  it('but closes, over TLS too', async () => {
    const { lab, proxy } = await startBoth(true, { tls, answer: saying('') });
    await using client = behind(lab, proxy);
    const error = await failureOf(client.connection.connect());
    expect(error.message).toMatch(/closed the connection without an answer( \(\w+\))?$/);
  });

  it.each(['http', 'socks5'] as const)(
    'without credentials is told how to give them (%s)',
    async (protocol) => {
      const credentials = { username: 'ada', password: 'x' };
      const { lab, proxy } = await startBoth(true, { protocol, credentials });
      await using client = behind(lab, proxy, { source: 'HTTPS_PROXY' });
      const error = await failureOf(client.connection.connect());
      expect(error).toMatchObject({ code: 'proxy-auth', delivery: 'not-sent' });
      expect(error.message).toContain('(HTTPS_PROXY) wants credentials');
      expect(error.hint).toContain('URL of HTTPS_PROXY');
    },
  );

  it.each(['http', 'socks5'] as const)('with wrong credentials shows none of them (%s)', async (protocol) => {
    const { lab, proxy } = await startBoth(true, {
      protocol,
      credentials: { username: 'ada', password: 'x' },
    });
    const wrong =
      protocol === 'http' ? { authorization: 'Basic d3Jvbmc6' } : { username: 'ada', password: 'wr0ng' };
    await using client = behind(lab, proxy, wrong);
    const error = await failureOf(client.connection.connect());
    expect(error.message).toContain('does not accept the credentials');
    expect(`${error.message} ${error.hint} ${JSON.stringify(client.trace)}`).not.toMatch(/wr0ng|d3Jvbmc6/);
  });

  it('for a plain server says so on the request itself', async () => {
    const { lab, proxy } = await startBoth(false, { credentials: { username: 'ada', password: 'x' } });
    await using client = behind(lab, proxy);
    expect(await failureOf(client.connection.connect())).toMatchObject({ code: 'proxy-auth', status: 407 });
    expect(lab.counts.requests).toBe(0);
  });

  it.each(['socks5', 'socks4'] as const)('cannot reach the server either (%s)', async (protocol) => {
    const { lab, proxy } = await startBoth(true, { protocol });
    await lab.close();
    await using client = behind(lab, proxy);
    expect(await failureOf(client.connection.connect())).toMatchObject({
      code: 'proxy-failed',
      message: expect.stringMatching(
        /could not connect to https:\/\/mcp\.test:\d+: (nothing listens there|it is refused)/,
      ),
    });
  });

  it('is not there at all', async () => {
    const { lab, proxy } = await startBoth(true);
    await proxy.close();
    await using client = behind(lab, proxy);
    const error = await failureOf(client.connection.connect());
    expect(error.message).toBe(
      `The proxy ${proxy.url} (http.proxy) cannot be reached: nothing listens at ${proxy.url} (ECONNREFUSED)`,
    );
    expect(error.hint).toBe(
      'Check scheme, host and port of http.proxy. To connect directly, name the host in "http.noProxy".',
    );
  });

  it('is no SOCKS proxy', async () => {
    const { lab, proxy } = await startBoth(true);
    await using client = behind(lab, proxy, { kind: 'socks5', url: proxy.url.replace('http', 'socks5') });
    expect(await failureOf(client.connection.connect())).toMatchObject({
      code: 'proxy-failed',
      message: expect.stringContaining('not an answer of such a proxy'),
    });
  });
});

describe('a proxy that never answers', () => {
  it.each([
    ['http', 'http', 'takes the connection and does not answer (ETIMEDOUT)'],
    ['socks5', 'socks5', 'takes the connection and does not answer (ETIMEDOUT)'],
    ['https', 'http', 'does not speak TLS (ETIMEDOUT)'],
  ] as const)('is given up when the time for all steps is up (%s)', async (scheme, kind, message) => {
    await using silent = await silentServer();
    const clock = new TimeoutClock();
    const connect = createConnector({
      origin: originOf(new URL('https://mcp.test/mcp')),
      tls: {},
      http2: 'auto',
      proxy: { kind, url: `${scheme}://127.0.0.1:${silent.port}`, source: 'http.proxy', strictSSL: true },
      clock,
    });
    const failure = failureOf(connect(new AbortController().signal));
    const socket = await silent.accepted;
    await once(socket, 'data');
    clock.fire(10_000);
    expect((await failure).message).toContain(message);
    if (!socket.destroyed) await once(socket, 'close');
  });

  it('is left when the caller gives up', async () => {
    await using silent = await silentServer();
    const connect = createConnector({
      origin: originOf(new URL('https://mcp.test/mcp')),
      tls: {},
      http2: 'auto',
      proxy: { kind: 'http', url: `http://127.0.0.1:${silent.port}`, source: 'http.proxy', strictSSL: true },
      clock: systemClock,
    });
    const abort = new AbortController();
    const failure = failureOf(connect(abort.signal));
    const socket = await silent.accepted;
    abort.abort(new Error('enough'));
    expect(await failure).toMatchObject({ code: 'proxy-failed', message: expect.stringContaining('enough') });
    if (!socket.destroyed) await once(socket, 'close');
  });
});

describe('strictSSL', () => {
  it('judges the certificate of the proxy itself', async () => {
    const { lab, proxy } = await startBoth(true, { tls: await tlsIdentity('expired') });
    await using strict = behind(lab, proxy);
    const error = await failureOf(strict.connection.connect());
    expect(error).toMatchObject({ code: 'tls-failed' });
    expect(error.message).toContain(`The certificate of the proxy ${proxy.url} has expired`);
    expect(proxy.counts.tunnels).toBe(0);
    await using lax = behind(lab, proxy, { strictSSL: false });
    await lax.connection.callTool('say_hello', {});
  });

  it('off accepts what comes through the proxy, and nothing that does not', async () => {
    const lab = await startLab({ tls: await tlsIdentity('self-signed') });
    const proxy = await startLabProxy({ hosts: HOSTS });
    onTestFinished(async () => {
      await lab.close();
      await proxy.close();
    });
    const url = lab.url.replace('127.0.0.1', 'mcp.test');
    await using through = connectTo(url, { proxy: proxyRules(proxy, { strictSSL: false }) });
    await through.connection.callTool('say_hello', {});
    await using strict = connectTo(url, { proxy: proxyRules(proxy) });
    expect(await failureOf(strict.connection.connect())).toMatchObject({ code: 'tls-failed' });
    await using direct = connectTo(lab.url);
    expect(await failureOf(direct.connection.connect())).toMatchObject({ code: 'tls-failed' });
  });
});

/** Takes connections and says nothing. */
async function silentServer() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  const accepted = once(server, 'connection').then(([socket]) => socket as Socket);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    accepted,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Real time, but for the timers: they fire when the test says so. */
class TimeoutClock implements Clock {
  readonly #tasks = new Map<number, () => void>();
  now = () => systemClock.now();
  wallTime = () => systemClock.wallTime();

  schedule(ms: number, task: () => void): () => void {
    this.#tasks.set(ms, task);
    return () => this.#tasks.delete(ms);
  }

  fire(ms: number): void {
    this.#tasks.get(ms)?.();
  }
}
