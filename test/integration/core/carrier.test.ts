import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { Agent, Pool } from 'undici';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import { ServerConnection } from '../../../src/core/connections/serverConnection.ts';
import type { Carrier } from '../../../src/core/connections/serverLink.ts';
import { refusingUrl, startLab } from '../../lab/lab.ts';
import { failureOf, serverConfig } from './connectTo.ts';

function connect(url: string, carrier: Carrier, maxConnections = 4): ServerConnection & AsyncDisposable {
  const connection = new ServerConnection({
    config: serverConfig(url, { pool: { ...DEFAULT_POOL, maxConnections } }),
    callbacks: { traceLevel: () => 'off', onTrace() {}, onState() {}, onActivity() {} },
    carrier,
  });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

describe('a caller that brings its own dispatcher', () => {
  it('has its calls carried by it, within the cap, and keeps it', async () => {
    await using lab = await startLab({});
    const pool = new Pool(new URL(lab.url).origin, { connections: 2 });
    {
      await using connection = connect(lab.url, { dispatcher: pool });
      const calls = Array.from({ length: 20 }, (_, n) => connection.callTool('add', { a: n, b: 1 }));
      const results = await Promise.all(calls);
      expect(results.map(({ result }) => result.structuredContent)).toEqual(
        results.map((_, n) => ({ sum: n + 1 })),
      );
    }
    expect(lab.counts.maxOpen).toBe(2);
    expect(pool.destroyed).toBe(false);
    await pool.close();
  });

  it('is told what its dispatcher refused: nothing was sent, and no place is lost', async () => {
    const agent = new Agent();
    await using away = connect(await refusingUrl(), { dispatcher: agent });
    expect(await failureOf(away.callTool('add', { a: 1, b: 1 }))).toMatchObject({
      code: 'connect-refused',
      delivery: 'not-sent',
    });
    await using lab = await startLab({});
    let isBroken = false;
    const breaks = {
      dispatch: (...[options, handler]: Parameters<Agent['dispatch']>) => {
        if (isBroken) throw new Error('out of order');
        return agent.dispatch(options, handler);
      },
    };
    await using connection = connect(lab.url, { dispatcher: breaks }, 1);
    await connection.callTool('add', { a: 1, b: 1 });
    isBroken = true;
    for (let n = 0; n < 3; n++) {
      const failure = await failureOf(connection.callTool('add', { a: n, b: 1 }));
      expect(failure).toMatchObject({ code: 'connect-failed', delivery: 'not-sent' });
      expect(failure.message).toContain('out of order');
    }
    isBroken = false;
    await connection.callTool('add', { a: 1, b: 1 });
    expect(lab.counts.calls.get('add')).toBe(2);
    await agent.destroy();
  });

  it('waits for no stream that is held open, and cancels as ever', async () => {
    await using lab = await startLab({ mode: 'hold-open' });
    const pool = new Pool(new URL(lab.url).origin);
    await using connection = connect(lab.url, { dispatcher: pool });
    for (let n = 0; n < 10; n++) await connection.callTool('add', { a: n, b: 1 });
    expect(lab.counts.calls.get('add')).toBe(10);
    lab.use('prompt');
    const abort = new AbortController();
    const gated = connection.callTool('gated', {}, { signal: abort.signal });
    await lab.waitFor(({ counts }) => counts.calls.get('gated') === 1);
    abort.abort();
    expect(await failureOf(gated)).toMatchObject({ code: 'cancelled' });
    await lab.waitFor(({ counts }) => counts.cancelled === 1);
    await connection.close();
    await pool.destroy();
  });
});

describe('a caller that opens its own sockets', () => {
  it('has all of them used, and none besides', async () => {
    await using lab = await startLab({});
    const { port } = new URL(lab.url);
    let opened = 0;
    await using connection = connect(lab.url, {
      connector: async () => {
        const startedAt = performance.now();
        const socket = connectTcp(Number(port), '127.0.0.1');
        await once(socket, 'connect');
        opened++;
        return { socket, startedAt, openedAt: performance.now(), httpVersion: '1.1' };
      },
    });
    await Promise.all(Array.from({ length: 20 }, (_, n) => connection.callTool('add', { a: n, b: 1 })));
    expect(lab.counts.accepted).toBe(opened);
    expect(lab.counts.maxOpen).toBeLessThanOrEqual(4);
  });
});
