import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { SluiceApi } from '../../src/ui/api/api.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { tlsIdentity } from '../lab/tls.ts';

const { Global } = vscode.ConfigurationTarget;
const SWITCHES = ['systemCertificates', 'experimental.systemCertificatesV2'] as const;

/** VS Code patches `net` and `tls` in extensions, and these two settings say how. */
describe('certificates under VS Code’s own patch of TLS', () => {
  let api: SluiceApi;
  let lab: Lab;
  let folder: string;

  before(async function () {
    this.timeout(60_000);
    const extension = vscode.extensions.getExtension<SluiceApi>('sluice.sluice');
    assert(extension !== undefined);
    api = await extension.activate();
    const tls = await tlsIdentity('private-ca');
    lab = await startLab({ tls });
    folder = await mkdtemp(join(tmpdir(), 'sluice-'));
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, tls.ca);
    const servers = { trusted: { url: lab.url, tls: { ca } }, strange: { url: lab.url } };
    await vscode.workspace.getConfiguration('sluice').update('servers', servers, Global);
  });

  after(async () => {
    for (const key of SWITCHES)
      await vscode.workspace.getConfiguration('http').update(key, undefined, Global);
    await vscode.workspace.getConfiguration('sluice').update('servers', undefined, Global);
    await lab.close();
    await rm(folder, { recursive: true });
  });

  for (const values of [
    [true, false],
    [false, false],
    [true, true],
    [false, true],
  ]) {
    it(`are judged alike with ${SWITCHES.map((key, n) => `${key} ${values[n]}`).join(' and ')}`, async () => {
      for (const [n, key] of SWITCHES.entries()) {
        await vscode.workspace.getConfiguration('http').update(key, values[n], Global);
      }
      const { accepted } = lab.counts;
      // So that each round makes connections of its own.
      await vscode.commands.executeCommand('sluice.reconnect', 'trusted');
      await api.call('trusted', 'say_hello', {});
      assert.ok(lab.counts.accepted > accepted);
      await assert.rejects(api.call('strange', 'say_hello', {}), { code: 'tls-failed' });
    });
  }
});
