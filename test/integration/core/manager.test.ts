import { describe, expect, it } from 'vitest';
import { ConnectionManager } from '../../../src/core/connections/connectionManager.ts';
import { refusingUrl, startLab } from '../../lab/lab.ts';
import { failureOf, serverConfig, textOf } from './connectTo.ts';

function manage() {
  const manager = new ConnectionManager({
    callbacks: () => ({ traceLevel: () => 'off', onTrace() {}, onState() {}, onActivity() {} }),
  });
  return Object.assign(manager, { [Symbol.asyncDispose]: () => manager.close() });
}

function server(manager: ConnectionManager, name: string) {
  const found = manager.get(name);
  if (found === undefined) throw new Error(`no server ${name}`);
  return found;
}

describe('changed settings', () => {
  it('touch the servers that changed and no other: calls in flight go on', async () => {
    await using stays = await startLab({});
    await using changes = await startLab({});
    await using manager = manage();
    const unchanged = serverConfig(stays.url, { name: 'stays' });
    manager.apply([unchanged, serverConfig(changes.url, { name: 'changes' })]);
    const before = server(manager, 'stays');
    const inFlight = before.callTool('gated', {});
    const onChanged = server(manager, 'changes').callTool('gated', {});
    await stays.waitFor(({ counts }) => counts.held === 1);
    await changes.waitFor(({ counts }) => counts.held === 1);

    manager.apply([
      { ...unchanged },
      serverConfig(changes.url, { name: 'changes', headers: { 'x-new': '1' } }),
    ]);
    expect(server(manager, 'stays')).toBe(before);
    await server(manager, 'changes').callTool('say_hello', {});
    expect(changes.received.at(-1)?.headers['x-new']).toBe('1');

    stays.release();
    changes.release();
    // The call that was on its way under the old settings finishes under them.
    await Promise.all([inFlight, onChanged]);
    await changes.waitFor(({ counts }) => counts.open === 1);
  });

  it('end a server that is no longer there', async () => {
    await using lab = await startLab({});
    await using manager = manage();
    manager.apply([serverConfig(lab.url)]);
    const connection = server(manager, 'lab');
    await connection.callTool('say_hello', {});
    manager.apply([]);
    expect(manager.get('lab')).toBeUndefined();
    await lab.waitFor(({ counts }) => counts.open === 0);
    expect(await failureOf(connection.callTool('say_hello', {}))).toMatchObject({ code: 'closed' });
  });
});

describe('one dead, one silent and one healthy server', () => {
  it('the healthy one is called while the others are still being tried', async () => {
    await using healthy = await startLab({});
    await using silent = await startLab({ mode: 'silence', on: 'all' });
    await using manager = manage();
    manager.apply([
      serverConfig(await refusingUrl(), { name: 'dead' }),
      serverConfig(silent.url, { name: 'silent' }),
      serverConfig(healthy.url, { name: 'healthy' }),
    ]);
    const dead = failureOf(server(manager, 'dead').connect());
    const waiting = failureOf(server(manager, 'silent').connect());
    expect(textOf(await server(manager, 'healthy').callTool('say_hello', {}))).toBe('Hello, world!');
    expect(server(manager, 'silent').state.kind).toBe('connecting');
    expect(await dead).toMatchObject({ code: 'connect-refused', server: 'dead' });
    await manager.close();
    expect(await waiting).toMatchObject({ code: 'closed', server: 'silent' });
  });
});
