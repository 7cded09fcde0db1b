import { expect, it, vi } from 'vitest';
import { Servers, type ServersOptions } from '../../../../src/ui/servers/servers.ts';

const listeners = vi.hoisted(() => new Set<() => void>());
const told: string[] = [];

vi.mock('vscode', () => ({
  EventEmitter: class {
    readonly event = () => ({ dispose() {} });
    fire() {}
    dispose() {}
  },
  workspace: {
    onDidChangeWorkspaceFolders: (listener: () => void) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  },
}));

/** Connections of the configured servers, which note that they heard of new folders. */
class Connections {
  #names: readonly string[] = [];
  apply(configs: readonly { readonly name: string }[]) {
    this.#names = configs.map(({ name }) => name);
  }
  all() {
    return this.#names.map((name) => ({ rootsChanged: async () => void told.push(name) }));
  }
  get(name: string) {
    return this.#names.includes(name) ? { name } : undefined;
  }
  async close() {}
}

function foldersChange(): void {
  for (const listener of listeners) listener();
}

it('each server that was used is told when the folders of the workspace change, and no other', async () => {
  const entries = ['used', 'used too', 'unused'].map((name) => ({ name, enabled: true }));
  const servers = new Servers({
    settings: {
      onDidChange: () => ({ dispose() {} }),
      current: { servers: entries, workspace: new Map(), problems: [] },
      resolve: async (entry: object) => entry,
    },
    demo: { onDidChange: () => ({ dispose() {} }), settings: undefined },
    open: async () => new Connections(),
  } as unknown as ServersOptions);
  foldersChange();
  expect(told).toEqual([]);
  await servers.connection('used', { interactive: false });
  await servers.connection('used too', { interactive: false });
  foldersChange();
  expect(told).toEqual(['used', 'used too']);
  await servers.close();
  foldersChange();
  expect(told).toHaveLength(2);
});
