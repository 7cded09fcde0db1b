import assert from 'node:assert/strict';
import * as vscode from 'vscode';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('the extension', () => {
  it('activates', async () => {
    const extension = vscode.extensions.getExtension('sluice.sluice');
    assert(extension !== undefined);
    await extension.activate();
    assert(extension.isActive);
  });

  it('registers every command that it contributes', async () => {
    const extension = vscode.extensions.getExtension('sluice.sluice');
    assert(extension !== undefined);
    await extension.activate();
    const registered = await vscode.commands.getCommands(true);
    const { contributes } = extension.packageJSON as Manifest;
    const missing = contributes.commands.filter(({ command }) => !registered.includes(command));
    assert.deepEqual(missing, []);
  });
});
