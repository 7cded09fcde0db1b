import { expect, it, onTestFinished, vi } from 'vitest';
import { startLab } from '../../lab/lab.ts';
import { tlsIdentity } from '../../lab/tls.ts';
import { connectTo, failureOf } from './connectTo.ts';
import { writePem } from './pemFiles.ts';

// Where OpenSSL looks for the system's store. It is read once a process: so this is a file of its own.
const tls = await tlsIdentity('private-ca');
vi.stubEnv('SSL_CERT_FILE', writePem(tls.ca));

async function startLabWithTls() {
  const lab = await startLab({ tls });
  onTestFinished(() => lab.close());
  return lab;
}

it('a server whose authority is in the system’s store is trusted', async () => {
  const lab = await startLabWithTls();
  await using it = connectTo(lab.url);
  await it.connection.callTool('say_hello', {});
});

it('the system’s store is left alone where http.systemCertificates is off', async () => {
  const lab = await startLabWithTls();
  await using it = connectTo(lab.url, { tls: { systemCertificates: false } });
  const error = await failureOf(it.connection.callTool('say_hello', {}));
  expect(error).toMatchObject({ code: 'tls-failed', delivery: 'not-sent' });
});
