import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { Agent, Client, Pool } from 'undici';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import { McpServer } from '../../../src/core/servers/mcpServer.ts';
import type { Carrier } from '../../../src/core/servers/serverLink.ts';
import { refusingUrl, startLab } from '../../lab/lab.ts';
import { HTTP_SSE_REQUESTS, httpSse } from '../../lab/modes/httpSse.ts';
import { failureOf, serverConfig } from './connectTo.ts';

function connect(
  url: string,
  carrier: Carrier,
  maxConnections = 4,
  warnings: string[] = [],
  clock: Clock = systemClock,
): McpServer & AsyncDisposable {
  const connection = new McpServer({
    config: serverConfig(url, { pool: { ...DEFAULT_POOL, maxConnections } }),
    callbacks: {
      traceLevel: () => 'info',
      onTrace: (event) => event.kind === 'warning' && warnings.push(event.message),
      onState() {},
      onActivity() {},
    },
    carrier,
    clock,
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

describe('a dispatcher with one connection', () => {
  /** On which a second is a tenth of one. */
  const hasty: Clock = {
    ...systemClock,
    schedule: (ms, task) => systemClock.schedule(ms === 1_000 ? 100 : ms, task),
  };
  const dispatchers = [
    ['Client', (origin: string) => new Client(origin)],
    ['Pool', (origin: string) => new Pool(origin, { connections: 1 })],
  ] as const;

  describe.each(dispatchers)('%s', (_, create) => {
    it.each(['legacy', 'modern'] as const)(
      'carries the calls: the stream of a %s server gives way, once, and is not asked for again',
      async (era) => {
        await using lab = await startLab({ era, changes: true });
        const dispatcher = create(new URL(lab.url).origin);
        const warnings: string[] = [];
        await using connection = connect(lab.url, { dispatcher }, 4, warnings, hasty);
        await connection.listTools();
        const calls = Array.from({ length: 10 }, (_, n) => connection.callTool('add', { a: n, b: 1 }));
        await Promise.all(calls);
        for (let n = 0; n < 10; n++) await connection.callTool('add', { a: n, b: 1 });
        expect(lab.counts.calls.get('add')).toBe(20);
        expect(lab.counts.streams).toBe(0);
        const streams = lab.received.filter(
          ({ httpMethod, message }) => httpMethod === 'GET' || message?.method === 'subscriptions/listen',
        );
        expect(streams).toHaveLength(1);
        expect(warnings).toEqual([expect.stringContaining('could not begin a request beside it')]);
        await dispatcher.destroy();
      },
    );

    it('cannot carry HTTP+SSE, and says so', async () => {
      await using lab = await startLab({
        era: 'legacy',
        sessions: false,
        mode: httpSse(),
        on: HTTP_SSE_REQUESTS,
      });
      const dispatcher = create(new URL(lab.url).origin);
      await using connection = connect(lab.url, { dispatcher }, 4, [], hasty);
      const failure = await failureOf(connection.connect());
      expect(failure).toMatchObject({
        code: 'queue-full',
        hint: expect.stringContaining('more connections'),
      });
      await dispatcher.destroy();
    });
  });

  it('keeps a stream that takes no place from a call, however long calls take', async () => {
    await using lab = await startLab({ era: 'legacy' });
    const dispatcher = new Pool(new URL(lab.url).origin, { connections: 2 });
    const late: (() => void)[] = [];
    const clock: Clock = {
      ...systemClock,
      schedule(ms, task) {
        if (ms !== 1_000) return systemClock.schedule(ms, task);
        let isCancelled = false;
        late.push(() => isCancelled || task());
        return () => {
          isCancelled = true;
        };
      },
    };
    const warnings: string[] = [];
    await using connection = connect(lab.url, { dispatcher }, 4, warnings, clock);
    await connection.connect();
    await lab.waitFor(({ counts }) => counts.streams === 1);
    // One runs, the other waits for its place and not for that of the stream.
    const gated = [connection.callTool('gated', {}), connection.callTool('gated', {})];
    await lab.waitFor(({ counts }) => counts.held === 1 && counts.calls.get('gated') === 1);
    for (const isUp of late) isUp();
    lab.release();
    await lab.waitFor(({ counts }) => counts.held === 1 && counts.calls.get('gated') === 2);
    lab.release();
    await Promise.all(gated);
    expect(lab.counts.streams).toBe(1);
    expect(warnings).toEqual([]);
    await connection.close();
    await dispatcher.destroy();
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
