import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Diagnosis } from '../../src/core/diagnosis/diagnosis.ts';

function run<T>(command: string, ...args: unknown[]): Thenable<T> {
  return vscode.commands.executeCommand<T>(`sluice.${command}`, ...args);
}

/** The report, as a preview reads it whenever it comes into view. */
async function report(): Promise<string> {
  const uri = vscode.Uri.from({ scheme: 'sluice-result', path: '/Diagnosis of demo.md' });
  return (await vscode.workspace.openTextDocument(uri)).getText();
}

describe('Diagnose Server', () => {
  before(async () => {
    await vscode.extensions.getExtension('sluice.sluice')?.activate();
    await run('startDemoServer');
  });

  after(async () => {
    await run('stopDemoServer');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('asks the demo what it was told to, finds nothing to mend, and opens the report as a page', async () => {
    const diagnosis = await run<Diagnosis>('diagnoseServer', {
      server: 'demo',
      probe: { kind: 'ping' },
      duration: 'short',
    });
    assert.deepEqual(diagnosis.end, { kind: 'complete' });
    assert.equal(diagnosis.lost, 0);
    // It keeps idle connections for a minute, and says so.
    assert.deepEqual(diagnosis.findings, [{ kind: 'keep-alive', ms: 60_000, from: 'hint' }]);
    assert.match(await report(), /# Diagnosis of demo\n\n\*\*Nothing to change/);
    const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
    assert.ok(input instanceof vscode.TabInputWebview, 'the active tab is no preview');
  });

  it('does not disturb the calls that are made meanwhile, nor count among them', async () => {
    const call = () => run('callTool', { server: 'demo', tool: 'say_hello', arguments: { name: 'Ada' } });
    const diagnosing = run<Diagnosis>('diagnoseServer', {
      server: 'demo',
      probe: { kind: 'tool', tool: 'say_hello', arguments: { name: 'Ada' } },
      duration: 'short',
    });
    for (let n = 0; n < 5; n++) await call();
    const diagnosis = await diagnosing;
    assert.equal(diagnosis.series[0]?.samples.length, 12);
    assert.equal(diagnosis.lost, 0);
  });
});
