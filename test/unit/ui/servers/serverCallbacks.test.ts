import { describe, expect, it, vi } from 'vitest';
import { type CallbackRooms, serverCallbacks } from '../../../../src/ui/servers/serverCallbacks.ts';

interface Folder {
  readonly name: string;
  readonly uri: { readonly scheme: string; readonly path: string; toString(): string };
}

const workspace = vi.hoisted(() => ({
  workspaceFolders: undefined as readonly unknown[] | undefined,
  deleted: new Set<string>(),
  fs: {
    stat: async ({ path }: { readonly path: string }) => {
      if (workspace.deleted.has(path)) throw new Error('FileNotFound');
      return {};
    },
  },
}));
vi.mock('vscode', () => ({ workspace }));

function folder(name: string, scheme = 'file'): Folder {
  const path = `/home/ada/${name}`;
  return { name, uri: { scheme, path, toString: () => `${scheme}://${path}` } };
}

describe('what a server is told of the workspace', () => {
  // The rooms are for what a server tells.
  const { roots } = serverCallbacks('lab', {} as CallbackRooms);
  const told = async () => (await roots?.())?.map(({ uri }) => uri);

  it('are the folders that are there, as they are when it asks', async () => {
    expect(await told()).toEqual([]);
    workspace.workspaceFolders = [folder('project'), folder('notes'), folder('elsewhere', 'vscode-vfs')];
    expect(await told()).toEqual(['file:///home/ada/project', 'file:///home/ada/notes']);
    workspace.deleted.add('/home/ada/project');
    expect(await told()).toEqual(['file:///home/ada/notes']);
  });
});

describe('what a server said of itself', () => {
  const info = {
    protocolVersion: '2026-07-28',
    era: 'modern',
    implementation: undefined,
    capabilities: {},
    instructions: undefined,
  } as const;

  it('is kept for its URL, and dropped with its server', () => {
    const kept = new Map<string, unknown>();
    const memento = {
      keys: () => [...kept.keys()],
      get: (key: string) => kept.get(key),
      update: async (key: string, value: unknown) => {
        if (value === undefined) kept.delete(key);
        else kept.set(key, value);
      },
    };
    let url = 'http://localhost/mcp';
    const names = new Set(['lab', 'old']);
    const rooms = { memento, urlOf: () => url, isServer: (name: string) => names.has(name) };
    const of = (name: string) => serverCallbacks(name, rooms as unknown as CallbackRooms);
    of('old').rememberServer?.({ info });
    of('lab').rememberServer?.({ info });
    expect(of('lab').recallServer?.()).toEqual({ info });
    url = 'http://elsewhere/mcp';
    expect(of('lab').recallServer?.()).toBeUndefined();
    names.delete('old');
    of('lab').rememberServer?.({ info });
    expect(memento.keys()).toEqual(['server lab']);
  });
});
