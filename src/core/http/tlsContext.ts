import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { Worker } from 'node:worker_threads';
import type { TlsIdentity } from './tlsIdentity.ts';

/** What to trust and what to show, parsed once: hundreds of authorities take ten milliseconds to parse. */
export interface TlsContext {
  readonly secureContext: SecureContext;
  /** Not used by Node beside `secureContext`; see `tlsHandshake`. */
  readonly ca: readonly string[];
}

/** `ca` is trusted besides what this machine trusts; alone it would replace it. */
export async function createTlsContext(identity: TlsIdentity): Promise<TlsContext> {
  const { ca, cert, key, passphrase, systemCertificates = true } = identity;
  const machine = systemCertificates ? await trustedCertificates() : getCACertificates('default');
  const trusted = [...machine, ...(ca === undefined ? [] : [ca])];
  const client = { ...(cert && { cert }), ...(key && { key }), ...(passphrase && { passphrase }) };
  return { secureContext: createSecureContext({ ca: trusted, ...client }), ca: trusted };
}

let trusted: Promise<readonly string[]> | undefined;

/** Node's own authorities, those of NODE_EXTRA_CA_CERTS and those of the system. Read once in a process, when first needed. */
export function trustedCertificates(): Promise<readonly string[]> {
  trusted ??= readSystemStore()
    .catch(() => [])
    .then((system) => [...new Set([...getCACertificates('default'), ...system])]);
  return trusted;
}

/**
 * The system's store takes from tens of milliseconds to seconds to read, and Node reads it in one go: it is read in
 * a thread of its own, so that the extension host, which is not ours alone, goes on. A store that cannot be read is
 * as one that is empty.
 */
function readSystemStore(): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const read = `require('node:worker_threads').parentPort.postMessage(require('node:tls').getCACertificates('system'))`;
    const worker = new Worker(read, { eval: true, execArgv: [] });
    worker.unref();
    worker
      .once('message', (certificates: readonly string[]) => resolve(certificates))
      .once('error', () => resolve([]))
      .once('exit', () => resolve([]));
  });
}
