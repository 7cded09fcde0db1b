import * as vscode from 'vscode';

/**
 * Opens settings.json at `sluice.servers`, in the file that has it.
 * @param server which of the files: the one that names this server
 */
export async function openSettings(server?: string): Promise<void> {
  const found = vscode.workspace.getConfiguration('sluice').inspect<Record<string, unknown>>('servers');
  const names = (value: unknown): boolean =>
    value !== undefined && value !== null && (server === undefined || Object.hasOwn(value, server));
  const isInWorkspace = names(found?.workspaceValue) && (server !== undefined || !names(found?.globalValue));
  const command = isInWorkspace
    ? 'workbench.action.openWorkspaceSettingsFile'
    : 'workbench.action.openSettingsJson';
  // Where there is none, VS Code writes the key and puts the cursor into it.
  const edit = !names(found?.globalValue) && !isInWorkspace;
  await vscode.commands.executeCommand(command, { revealSetting: { key: 'sluice.servers', edit } });
}
