import type * as vscode from 'vscode';

/** State in memory: the real one belongs to the extension, not to its tests. */
export function memento(): vscode.Memento & { setKeysForSync(keys: readonly string[]): void } {
  const values = new Map<string, unknown>();
  return {
    keys: () => [...values.keys()],
    get: <T>(key: string, absent?: T) => (values.has(key) ? (values.get(key) as T) : absent) as T,
    update: async (key, value) => {
      if (value === undefined) values.delete(key);
      else values.set(key, value);
    },
    setKeysForSync: () => {},
  };
}
