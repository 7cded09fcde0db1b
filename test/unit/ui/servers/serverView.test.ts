import { describe, expect, it, vi } from 'vitest';
import type { McpServer } from '../../../../src/core/index.ts';
import { serverViews, snapshotsOf } from '../../../../src/ui/servers/serverView.ts';

vi.mock('vscode', () => ({}));

type Read = Parameters<typeof serverViews>[0];

/** Settings with a server of the user, a disabled one, one of the workspace, and an entry with an error. */
const read = {
  servers: [
    { name: 'mine', enabled: true },
    { name: 'off', enabled: false },
    { name: 'theirs', enabled: true },
  ],
  workspace: new Map([['theirs', { origin: { scope: 'workspace' }, consent: { kind: 'allowed' } }]]),
  problems: [
    { server: 'mine', severity: 'error', origin: { scope: 'user' } },
    { server: 'wrong', severity: 'error', origin: { scope: 'user' } },
    { server: 'odd', severity: 'warning', origin: { scope: 'user' } },
  ],
} as unknown as Read;
const demo = { name: 'demo', enabled: true } as Parameters<typeof serverViews>[1];

function connection(name: string, kind: string): McpServer {
  const state = { kind };
  return { name, state, snapshot: () => ({ name, state }) } as unknown as McpServer;
}

describe('the view of each server', () => {
  it('has the servers of the settings in their order, then those with an error, and the demo last', () => {
    const views = [...serverViews(read, demo, () => undefined).values()];
    expect(views.map(({ name, state }) => [name, state])).toEqual([
      ['mine', 'unused'],
      ['theirs', 'unused'],
      ['wrong', 'broken'],
      ['demo', 'unused'],
    ]);
  });

  it('shows a server that is not the user’s own with its scope, in its name and in its figures', () => {
    const views = serverViews(read, undefined, (name) => connection(name, 'connected'));
    expect(views.get('mine')).toMatchObject({ shownName: 'mine', scope: undefined });
    expect(views.get('theirs')).toMatchObject({ shownName: 'theirs (workspace)', scope: 'workspace' });
    expect(views.get('theirs')?.workspace?.consent.kind).toBe('allowed');
    expect(snapshotsOf([...views.values()]).map(({ name, scope }) => [name, scope])).toEqual([
      ['mine', undefined],
      ['theirs', 'workspace'],
      ['wrong', undefined],
    ]);
  });

  it('says what the server does now: a view is not read again with each call', () => {
    let now: McpServer | undefined;
    const view = serverViews(read, undefined, () => now).get('mine');
    expect(view?.snapshot()).toBeUndefined();
    now = connection('mine', 'connecting');
    expect(view?.state).toBe('connecting');
    now = connection('mine', 'connected');
    expect([view?.state, view?.snapshot()?.state.kind]).toEqual(['connected', 'connected']);
  });
});
