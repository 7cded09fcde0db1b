import * as vscode from 'vscode';

/** A settings file as it stands in its editor or, where it is not open, on disk. */
export interface SettingsFile {
  readonly uri: vscode.Uri;
  readonly text: string;
  positionAt(offset: number): vscode.Position;
}

/** Without text where there is no such file. Opens no document: that would start language servers for it. */
export async function readSettingsFile(uri: vscode.Uri): Promise<SettingsFile> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open !== undefined) return fromDocument(open);
  const text = await vscode.workspace.fs.readFile(uri).then(
    (bytes) => new TextDecoder().decode(bytes),
    () => '',
  );
  return { uri, text, positionAt: (offset) => positionIn(text, offset) };
}

/** Open documents that hold the settings of the user, or of the remote machine. */
export function openSettingsFiles(scope: 'user' | 'remote'): readonly SettingsFile[] {
  return vscode.workspace.textDocuments
    .filter((document) => scopeOf(document.uri) === scope)
    .map((document) => fromDocument(document));
}

/**
 * Told by the end of the path: the scheme and what precedes differ between the desktop, the browser and a server,
 * and so does the folder of a profile.
 */
export function scopeOf(uri: vscode.Uri): 'user' | 'remote' | undefined {
  if (vscode.workspace.getWorkspaceFolder(uri) !== undefined) return undefined;
  if (/\/User\/(profiles\/[^/]+\/)?settings\.json$/.test(uri.path)) return 'user';
  return uri.path.endsWith('/Machine/settings.json') ? 'remote' : undefined;
}

function fromDocument(document: vscode.TextDocument): SettingsFile {
  return {
    uri: document.uri,
    text: document.getText(),
    positionAt: (offset) => document.positionAt(offset),
  };
}

function positionIn(text: string, offset: number): vscode.Position {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return new vscode.Position(lines.length - 1, lines.at(-1)?.length ?? 0);
}
