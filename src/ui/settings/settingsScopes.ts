import { hostname } from 'node:os';
import * as vscode from 'vscode';
import type { Scoped } from '../../core/config/mergeScopes.ts';
import { folderScope } from './places.ts';

/** The file that a setting was read from. */
export type SettingsOrigin =
  /** No extension is told where these two files are; they show as open documents only. */
  | { readonly scope: 'user' | 'remote' }
  | {
      readonly scope: 'workspace' | 'folder';
      /** A folder's `.vscode/settings.json`, or the `.code-workspace` file. */
      readonly file: vscode.Uri;
      /** Where settings begin in that file: `['settings']` in a `.code-workspace`. */
      readonly root: readonly string[];
      /** The folder whose settings these are; absent for a `.code-workspace`. */
      readonly folder?: vscode.WorkspaceFolder;
    };

/** A greater rank overrides a smaller one. */
const RANK = { user: 0, remote: 1, workspace: 2, folder: 3 } as const;

/** `inspect()` tells these two apart as well, though its declared type does not have them. */
interface InspectedUser {
  readonly globalLocalValue?: unknown;
  readonly globalRemoteValue?: unknown;
}

/**
 * What each settings file says of one of Sluice's settings, the user's first.
 *
 * Read from `inspect()`, not from `get()`: the one merges whole files, the other would merge inside an entry.
 * In Restricted Mode VS Code leaves out what `restrictedConfigurations` names. Older versions compare the flat name
 * only, and `"sluice": { "servers": … }`, which means the same, gets past. So all that a workspace says is left out
 * here again.
 */
export function readScopes(key: string): readonly Scoped<SettingsOrigin>[] {
  const inspected = vscode.workspace.getConfiguration('sluice').inspect<unknown>(key);
  const { globalLocalValue, globalRemoteValue } = (inspected ?? {}) as InspectedUser;
  const split = globalLocalValue !== undefined || globalRemoteValue !== undefined;
  const scopes = [
    scoped({ scope: 'user' }, split ? globalLocalValue : inspected?.globalValue),
    scoped({ scope: 'remote' }, globalRemoteValue),
  ];
  if (vscode.workspace.isTrusted) {
    for (const origin of workspaceOrigins()) {
      const value =
        origin.scope === 'workspace' ? inspected?.workspaceValue : inspectFolder(key, origin.folder);
      scopes.push(scoped(origin, value));
    }
  }
  return scopes.filter(({ value }) => value !== undefined);
}

/** Files through which the open workspace itself sets something. */
export function workspaceOrigins(): readonly Extract<SettingsOrigin, { file: vscode.Uri }>[] {
  const { workspaceFile, workspaceFolders = [] } = vscode.workspace;
  const folders = workspaceFolders.map((folder) => ({
    // Without a workspace file, the one folder's settings are the workspace's.
    scope: workspaceFile === undefined ? ('workspace' as const) : ('folder' as const),
    file: vscode.Uri.joinPath(folder.uri, '.vscode', 'settings.json'),
    root: [],
    folder,
  }));
  return workspaceFile === undefined
    ? folders
    : [{ scope: 'workspace', file: workspaceFile, root: ['settings'] }, ...folders];
}

/**
 * Whether a repository can have written this: its own settings, and in a container those of the machine, which are taken from
 * `devcontainer.json`.
 */
export function isOfWorkspace({ scope }: SettingsOrigin): boolean {
  const isContainer = /container|codespaces/.test(vscode.env.remoteName ?? '');
  return scope === 'workspace' || scope === 'folder' || (scope === 'remote' && isContainer);
}

/** Names a settings file, to keep what the user said of its entries. Nothing in a workspace has a say in it. */
export function originId(origin: SettingsOrigin): string {
  if ('file' in origin) return origin.file.toString();
  return origin.scope === 'user' ? 'user' : `remote ${hostname()}`;
}

/** How a scope is called beside a server's name; undefined for the user's own settings. */
export function scopeTitle(origin: SettingsOrigin): string | undefined {
  switch (origin.scope) {
    case 'user':
      return undefined;
    case 'remote':
      return isOfWorkspace(origin) ? 'container' : undefined;
    case 'workspace':
      return 'workspace';
    case 'folder':
      return folderScope(origin.folder?.name ?? '');
  }
}

function inspectFolder(key: string, folder: vscode.WorkspaceFolder | undefined): unknown {
  return vscode.workspace.getConfiguration('sluice', folder).inspect<unknown>(key)?.workspaceFolderValue;
}

function scoped(origin: SettingsOrigin, value: unknown): Scoped<SettingsOrigin> {
  return { origin, value, rank: RANK[origin.scope] };
}
