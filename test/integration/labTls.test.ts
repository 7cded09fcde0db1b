import { once } from 'node:events';
import { connect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { startLab } from '../lab/lab.ts';
import { RawClient, type RawClientOptions } from '../lab/rawClient.ts';
import { clientIdentity, tlsIdentity } from '../lab/tls.ts';

const identity = await tlsIdentity('private-ca');
const friend = await clientIdentity('private-ca');
const stranger = await clientIdentity('stranger');

describe('a lab that asks for a client certificate', () => {
  async function call(shown: RawClientOptions) {
    await using lab = await startLab({ tls: { ...identity, requestClientCert: 'required' } });
    using client = new RawClient(lab.url, { ca: identity.ca, ...shown });
    const answer = await client.call('say_hello').end.then(
      ({ status }) => ({ status }),
      (error: NodeJS.ErrnoException) => ({ code: error.code }),
    );
    client.close();
    await lab.waitFor(({ counts }) => counts.accepted === 1 && counts.open === 0);
    return { ...answer, requests: lab.counts.requests };
  }

  test('serves who shows one by the private CA', async () => {
    expect(await call({ key: friend.key, cert: friend.cert })).toEqual({ status: 200, requests: 1 });
  });

  test('and who has the passphrase of an encrypted key', async () => {
    const { encryptedKey: key, cert, passphrase } = friend;
    expect(key).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    expect(await call({ key, cert, passphrase })).toEqual({ status: 200, requests: 1 });
    await expect(call({ key, cert, passphrase: 'wrong' })).rejects.toThrow();
  });

  test('refuses who shows none', async () => {
    expect(await call({})).toEqual({ code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', requests: 0 });
  });

  test('refuses a stranger', async () => {
    expect(await call({ key: stranger.key, cert: stranger.cert })).toEqual({
      code: 'ECONNRESET',
      requests: 0,
    });
  });
});

test('a client that comes back resumes its TLS session', async () => {
  await using lab = await startLab({ tls: identity });
  const options = { host: '127.0.0.1', port: Number(new URL(lab.url).port), ca: identity.ca };
  const first = connect(options);
  const [session] = (await once(first, 'session')) as [Buffer];
  first.destroy();
  const second = connect({ ...options, session });
  await once(second, 'secureConnect');
  expect(second.isSessionReused()).toBe(true);
  second.destroy();
});
