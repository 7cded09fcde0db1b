import { describe, expect, it } from 'vitest';
import { ServerManager } from '../../../src/core/servers/serverManager.ts';
import { startDelayedLink } from '../../lab/delayedLink.ts';
import { refusingUrl, startLab } from '../../lab/lab.ts';
import { connectTo, failureOf, serverConfig, textOf } from './connectTo.ts';

function manage() {
  const manager = new ServerManager({
    callbacks: () => ({ traceLevel: () => 'off', onTrace() {}, onState() {}, onActivity() {} }),
  });
  return Object.assign(manager, { [Symbol.asyncDispose]: () => manager.close() });
}

function server(manager: ServerManager, name: string) {
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

describe('a server that takes no new connections', () => {
  it('ends no call that is on its way, and is met anew when it is back', async () => {
    await using lab = await startLab({});
    await using link = await startDelayedLink(lab.url, { oneWayMs: 0 });
    await using client = connectTo(link.url);
    const inFlight = client.connection.callTool('gated', {});
    await lab.waitFor(({ counts }) => counts.held === 1);
    link.refuse();
    for (let n = 0; n < 2; n++)
      expect(await failureOf(client.connection.callTool('add', { a: n, b: 0 }))).toMatchObject({
        code: 'connect-refused',
        delivery: 'not-sent',
      });
    expect(client.connection.state.kind).toBe('failed');
    lab.release();
    expect(textOf(await inFlight)).toBe('released');
    expect(lab.counts.cancelled).toBe(0);
    // Nothing of the old link is left once its last call has ended.
    await lab.waitFor(({ counts }) => counts.open === 0);
  });
});

describe('the end of all servers', () => {
  it('is the end of those too that were replaced and still had a call on its way', async () => {
    await using lab = await startLab({});
    await using manager = manage();
    manager.apply([serverConfig(lab.url)]);
    const inFlight = server(manager, 'lab').callTool('gated', {});
    await lab.waitFor(({ counts }) => counts.held === 1);
    manager.apply([]);
    const failed = failureOf(inFlight);
    await manager.close();
    expect(await failed).toMatchObject({ code: 'closed' });
    await lab.waitFor(({ counts }) => counts.open === 0);
  });

  it('does not wait for a server that does not answer the end of its session', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url);
    await client.connection.callTool('say_hello', {});
    lab.use('silence', ['DELETE']);
    const startedAt = performance.now();
    await Promise.all([client.connection.disconnect(), client.connection.close()]);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await lab.waitFor(({ counts }) => counts.open === 0);
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
