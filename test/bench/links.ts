import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type LabProcess, startLabProcess } from '../lab/labProcess.ts';
import type { DescribedMode } from '../lab/modes.ts';
import { type TlsIdentity, tlsIdentity } from '../lab/tls.ts';
import type { Target } from './clients/benchClient.ts';

/** Between client and server: loopback, TLS over loopback, TLS over a cable with `ROUND_TRIP_MS` of round trip. */
export type Link = 'plain' | 'tls' | 'far';

export const ROUND_TRIP_MS = 50;

/** One certificate for the whole run, also in a file: the official clients trust what their process trusts. */
export interface Trust extends AsyncDisposable {
  readonly identity: TlsIdentity;
  readonly caFile: string;
}

export async function createTrust(): Promise<Trust> {
  const identity = await tlsIdentity('private-ca');
  const directory = await mkdtemp(path.join(tmpdir(), 'sluice-bench-'));
  const caFile = path.join(directory, 'ca.pem');
  await writeFile(caFile, identity.ca);
  return { identity, caFile, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

/** A server of its own for each client, so that what it counts is one client's. Both eras: SDK 1.x speaks the old one. */
export function startServer(link: Link, mode: DescribedMode, { identity }: Trust): Promise<LabProcess> {
  return startLabProcess({
    mode,
    era: 'dual',
    ...(link !== 'plain' && { tls: identity }),
    ...(link === 'far' && { oneWayMs: ROUND_TRIP_MS / 2 }),
  });
}

export function targetOf(url: string, link: Link, { identity, caFile }: Trust, sockets: number): Target {
  return { url, sockets, ca: link === 'plain' ? undefined : { file: caFile, pem: identity.ca } };
}
