import * as vscode from 'vscode';

/** Secrets in memory: the real storage belongs to the extension, not to its tests. */
export function secretStorage(): vscode.SecretStorage {
  const secrets = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.SecretStorageChangeEvent>();
  return {
    keys: async () => [...secrets.keys()],
    get: async (key) => secrets.get(key),
    store: async (key, value) => {
      secrets.set(key, value);
      changed.fire({ key });
    },
    delete: async (key) => {
      secrets.delete(key);
      changed.fire({ key });
    },
    onDidChange: changed.event,
  };
}
