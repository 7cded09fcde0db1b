import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { TlsConfig } from '../../../src/core/config/serverConfig.ts';
import { createConnector, type OpenedSocket } from '../../../src/core/http/connector.ts';
import { originOf } from '../../../src/core/http/origin.ts';
import { systemClock } from '../../../src/core/metrics/clock.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { clientIdentity, type LabTls, type TlsKind, tlsIdentity } from '../../lab/tls.ts';
import { connectTo, failureOf } from './connectTo.ts';
import { writePem } from './pemFiles.ts';

const known = await tlsIdentity('private-ca');
const ca = writePem(known.ca);
const client = await clientIdentity('private-ca');
const stranger = await clientIdentity('stranger');
const cert = writePem(client.cert);
const key = writePem(client.key);

async function start(tls: LabTls): Promise<Lab> {
  const lab = await startLab({ tls });
  onTestFinished(() => lab.close());
  return lab;
}

/** The failure of the first call, with nothing of it sent. */
async function failure(lab: Lab, tls: TlsConfig) {
  await using it = connectTo(lab.url, { tls });
  const error = await failureOf(it.connection.callTool('say_hello', {}));
  expect(error.delivery).toBe('not-sent');
  expect(lab.counts.requests).toBe(0);
  return error;
}

describe('a server’s certificate', () => {
  it('by an authority of the settings is accepted', async () => {
    const lab = await start(known);
    await using it = connectTo(lab.url, { tls: { ca } });
    await it.connection.callTool('say_hello', {});
  });

  it.each<[TlsKind, TlsConfig, RegExp, string]>([
    [
      'private-ca',
      {},
      /is not signed by an authority that this machine trusts: "sluice lab", valid [\d-]+ to [\d-]+, issued by "sluice lab authority" \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)$/,
      '"tls": { "ca": "path/to/authority.pem" }',
    ],
    [
      'self-signed',
      {},
      /is self-signed: "sluice lab", valid [\d-]+ to [\d-]+ \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
      '"tls": { "ca": "path/to/certificate.pem" }',
    ],
    [
      'expired',
      { ca },
      /has expired: "sluice lab" was valid until 2001-01-01 \(CERT_HAS_EXPIRED\)$/,
      'Renew',
    ],
    [
      'wrong-host',
      { ca },
      /is for another host: elsewhere\.test, and not for 127\.0\.0\.1 \(ERR_TLS_CERT_ALTNAME_INVALID\)$/,
      '"tls": { "servername": "elsewhere.test" }',
    ],
  ])(
    'that is %s is refused before anything is sent, with its data and the cure',
    async (kind, tls, message, cure) => {
      const lab = await start(await tlsIdentity(kind));
      const error = await failure(lab, tls);
      expect(error).toMatchObject({ code: 'tls-failed', phase: 'connect' });
      expect(error.message).toMatch(message);
      expect(error.message).toContain(`The certificate of ${new URL(lab.url).origin} `);
      expect(error.hint).toContain(cure);
    },
  );

  it.each<[TlsKind, (own: string) => TlsConfig]>([
    ['self-signed', (own) => ({ ca: own })],
    ['wrong-host', () => ({ ca, servername: 'elsewhere.test' })],
    ['expired', () => ({ rejectUnauthorized: false })],
  ])('that is %s is accepted with the setting that the error names', async (kind, cure) => {
    const identity = await tlsIdentity(kind);
    const lab = await start(identity);
    await using it = connectTo(lab.url, { tls: cure(writePem(identity.cert)) });
    await it.connection.callTool('say_hello', {});
  });

  it('is asked for by the name of the URL, which shared hosts need', async () => {
    const server = createServer({
      ...known,
      SNICallback: (name, done) => done(new Error(`asked for ${name}`)),
    });
    const asked = once(server, 'tlsClientError').then(([error]) => (error as Error).message);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    await using it = connectTo(`https://localhost:${port}/mcp`, { tls: { ca } });
    await failureOf(it.connection.connect());
    expect(await asked).toBe('asked for localhost');
  });

  it('that is refused leaves no session to resume: each connection is judged anew', async () => {
    const lab = await start(known);
    const connect = connector(lab.url, {});
    for (let n = 0; n < 3; n++) {
      expect(await failureOf(connect(new AbortController().signal))).toMatchObject({ code: 'tls-failed' });
    }
  });

  it.each([
    { maxVersion: 'TLSv1.2', resumed: true, why: 'is resumed: that saves a round trip' },
    {
      maxVersion: 'TLSv1.3',
      resumed: false,
      why: 'is made in full: a resumed one would stall at its first use',
    },
  ] as const)('was shown: the next handshake of $maxVersion $why', async ({ maxVersion, resumed }) => {
    const server = createServer({ ...known, maxVersion }, (socket) => socket.on('error', () => undefined));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const connect = connector(`https://127.0.0.1:${port}`, { ca: known.ca });
    const first = await connect(new AbortController().signal);
    expect(isResumed(first)).toBe(false);
    if (maxVersion === 'TLSv1.3') await once(first.socket.resume(), 'session');
    const second = await connect(new AbortController().signal);
    expect(isResumed(second)).toBe(resumed);
    for (const { socket } of [first, second]) socket.destroy();
  });
});

// A server of Node closes without an alert where it does not know the issuer: then there is nothing to tell. The alerts
// of other servers are in the unit tests.
describe('a client certificate', () => {
  const wanted: LabTls = { ...known, requestClientCert: 'required' };

  it('is shown to a server that wants one', async () => {
    const lab = await start(wanted);
    await using it = connectTo(lab.url, { tls: { ca, cert, key } });
    await it.connection.callTool('say_hello', {});
  });

  it('may have an encrypted key', async () => {
    const lab = await start(wanted);
    const tls = { ca, cert, key: writePem(client.encryptedKey), passphrase: client.passphrase };
    await using it = connectTo(lab.url, { tls });
    await it.connection.callTool('say_hello', {});
  });

  it('that is missing is told, though the server says so after the handshake', async () => {
    const error = await failure(await start(wanted), { ca });
    expect(error).toMatchObject({ code: 'tls-failed', phase: 'connect' });
    expect(error.message).toMatch(
      /^The server wants a client certificate, and none was sent \(ERR_SSL_.*CERTIFICATE_REQUIRED\)$/,
    );
    expect(error.hint).toContain('"tls": { "cert": "path/to/client.pem", "key": "path/to/client.key" }');
  });

  it.each<[string, () => TlsConfig, RegExp, string]>([
    [
      'without a file',
      () => ({ ca: '/nowhere/ca.pem' }),
      /^The file of "tls\.ca" cannot be read: ENOENT.*\/nowhere\/ca\.pem/,
      'path',
    ],
    [
      'of a file that is no PEM',
      () => ({ cert: writePem('hello'), key }),
      /^There is no certificate in .*\.pem, which "tls\.cert" names$/,
      'BEGIN CERTIFICATE',
    ],
    [
      'with an authority that is no PEM',
      () => ({ ca: key }),
      /^There is no certificate in .*\.pem, which "tls\.ca" names$/,
      'BEGIN CERTIFICATE',
    ],
    [
      'with a key that is a certificate',
      () => ({ cert, key: cert }),
      /^There is no private key in .*\.pem, which "tls\.key" names$/,
      'BEGIN PRIVATE KEY',
    ],
    [
      'with the key of another',
      () => ({ cert, key: writePem(stranger.key) }),
      /^The key in .*\.pem does not belong to the certificate in .*\.pem$/,
      'pair',
    ],
    [
      'without a passphrase',
      () => ({ cert, key: writePem(client.encryptedKey) }),
      /^The key in .*\.pem is encrypted, and "tls\.passphrase" is not set$/,
      '"passphrase": "${input:passphrase}"',
    ],
    [
      'with another passphrase',
      () => ({ cert, key: writePem(client.encryptedKey), passphrase: 'hunter2' }),
      /^The key in .*\.pem cannot be decrypted: "tls\.passphrase" does not fit$/,
      'Forget Stored Inputs',
    ],
  ])('%s is told before anything is connected', async (_, tls, message, cure) => {
    const lab = await start(wanted);
    const error = await failure(lab, tls());
    expect(error).toMatchObject({ code: 'config-invalid', phase: 'settings' });
    expect(error.message).toMatch(message);
    expect(error.hint).toContain(cure);
    expect(`${error.message} ${error.hint}`).not.toContain('hunter2');
    expect(lab.counts.accepted).toBe(0);
  });
});

function connector(url: string, tls: { readonly ca?: string }) {
  return createConnector({ origin: originOf(new URL(url)), tls, http2: 'never', clock: systemClock });
}

function isResumed({ socket }: OpenedSocket): boolean {
  return (
    'isSessionReused' in socket && (socket as unknown as { isSessionReused(): boolean }).isSessionReused()
  );
}
