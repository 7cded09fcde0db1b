import type { TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServerConfig } from '../../../src/core/config/serverConfig.ts';
import { systemClock } from '../../../src/core/metrics/clock.ts';
import { openerOf } from '../../../src/core/servers/serverLink.ts';
import { startLab } from '../../lab/lab.ts';
import { startLabProxy } from '../../lab/proxy.ts';
import { clientIdentity, tlsIdentity } from '../../lab/tls.ts';
import { failureOf, serverConfig } from './connectTo.ts';
import { writePem } from './pemFiles.ts';

/** What opens connections for the server at `url`, to whatever URL a test likes. */
function opening(url: string, overrides: Partial<ServerConfig>) {
  const opener = openerOf(serverConfig(url, overrides), systemClock);
  return async (to: string) => {
    const { socket } = await opener.connectorTo(new URL(to))(new AbortController().signal);
    onTestFinished(() => void socket.destroy());
    return socket;
  };
}

describe('beside its server, a client opens connections to another origin', () => {
  it('by the proxy that the settings have for that one, or directly where they name it', async () => {
    await using lab = await startLab();
    await using proxy = await startLabProxy({
      protocol: 'socks5',
      hosts: { 'mcp.test': '127.0.0.1', 'login.test': '127.0.0.1' },
    });
    const way = { kind: 'socks5', url: proxy.url, source: 'http.proxy', strictSSL: true } as const;
    const at = (host: string) => lab.url.replace('127.0.0.1', host);
    const port = new URL(lab.url).port;
    const through = (bypass: readonly string[]) =>
      opening(at('mcp.test'), { proxy: { https: way, http: way, bypass } });

    const open = through([]);
    await open(at('mcp.test'));
    await open(at('login.test'));
    expect(proxy.targets).toEqual([`mcp.test:${port}`, `login.test:${port}`]);
    // This machine is reached directly whatever is set.
    expect((await open(lab.url)).remotePort).toBe(Number(port));

    const openApart = through(['login.test']);
    await openApart(at('mcp.test'));
    // Only the proxy knows that name.
    expect(await failureOf(openApart(at('login.test')))).toMatchObject({ code: 'dns-failed' });
    expect(proxy.targets.slice(2)).toEqual([`mcp.test:${port}`]);
    expect(proxy.counts.accepted).toBe(3);
  });

  it('and shows that one no certificate of the client, nor believes it what its server is believed', async () => {
    const tls = await tlsIdentity('private-ca');
    await using lab = await startLab({ tls });
    await using other = await startLab({ tls: await tlsIdentity('wrong-host') });
    const { cert, key } = await clientIdentity('private-ca');
    const open = opening(lab.url, {
      tls: {
        ca: writePem(tls.ca),
        cert: writePem(cert),
        key: writePem(key),
        servername: 'elsewhere.test',
        rejectUnauthorized: false,
      },
    });
    const shown = async (url: string) => {
      const { subject } = { subject: undefined, ...((await open(url)) as TLSSocket).getCertificate() };
      return subject?.CN;
    };
    expect(await shown(lab.url)).toMatch(/^sluice lab client/);
    expect(await shown(lab.url.replace('127.0.0.1', 'localhost'))).toBeUndefined();
    expect(await failureOf(open(other.url))).toMatchObject({ code: 'tls-failed' });
  });
});
