import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import { connectTo, failureOf } from './connectTo.ts';
import { type Asked, eventStream, resultOf, startRawServer } from './rawServer.ts';

/** The system's clock, and how many of its timers are set. */
function countingClock(): { readonly clock: Clock; readonly timers: Set<object> } {
  const timers = new Set<object>();
  const schedule: Clock['schedule'] = (ms, task) => {
    const timer = {};
    timers.add(timer);
    const cancel = systemClock.schedule(ms, () => {
      timers.delete(timer);
      task();
    });
    return () => {
      timers.delete(timer);
      cancel();
    };
  };
  return { clock: { ...systemClock, schedule }, timers };
}

describe('a disconnect', () => {
  it('ends a request that waits for its stream to be taken up again', async () => {
    const brokenOff = Promise.withResolvers<void>();
    await using server = await startRawServer(({ message, response }) => {
      if (message.method !== 'tools/list') return false;
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.end('retry: 60000\nid: a\ndata: \n\n', () => brokenOff.resolve());
      return true;
    });
    const { clock, timers } = countingClock();
    await using client = connectTo(server.url, {}, {}, clock);
    await client.connection.connect();
    const list = client.connection.listTools();
    await brokenOff.promise;
    await client.until(({ pool }) => pool.busy === 0);
    await client.connection.disconnect();
    expect(await failureOf(list)).toMatchObject({ code: 'closed' });
    expect(timers.size).toBe(0);
  });
});

describe('a server that cannot be reached any more', () => {
  it('has nothing more asked on its behalf, and leaves no timer behind', async () => {
    const asked = Promise.withResolvers<AbortSignal>();
    const { clock, timers } = countingClock();
    const server = await startRawServer((request) => {
      if (request.httpMethod !== 'GET') return false;
      request.response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('retry: 60000\n\n');
      const params = { message: 'Who?', requestedSchema: { type: 'object', properties: {} } };
      const question = { jsonrpc: '2.0', id: 0, method: 'elicitation/create', params };
      request.response.write(`data: ${JSON.stringify(question)}\n\n`);
      return true;
    });
    await using client = connectTo(
      server.url,
      {},
      {
        onElicit: (_, signal) => {
          asked.resolve(signal);
          return new Promise<never>(() => undefined);
        },
      },
      clock,
    );
    await client.connection.listTools();
    const signal = await asked.promise;
    await server[Symbol.asyncDispose]();
    expect(await failureOf(client.connection.listTools({ refresh: true }))).toMatchObject({
      code: 'connect-refused',
    });
    expect(signal.aborted).toBe(true);
    expect(timers.size).toBe(0);
  });
});

describe('the one stream of HTTP+SSE', () => {
  it('takes with it what waited to be sent, and the connections of what was', async () => {
    let stream: Asked | undefined;
    const arrived = Promise.withResolvers<void>();
    let calls = 0;
    await using server = await startRawServer((asked) => {
      const { httpMethod, path, message, response } = asked;
      if (httpMethod === 'GET') {
        stream = asked;
        eventStream(asked);
        return response.write('event: endpoint\ndata: /messages\n\n');
      }
      if (path !== '/messages') return response.writeHead(405).end() && true;
      if (message.method === 'tools/call') {
        if (++calls === 2) arrived.resolve();
        return true;
      }
      const result = { protocolVersion: '2024-11-05', capabilities: { tools: {} }, tools: [] };
      const answer = JSON.stringify(resultOf(asked, result));
      if (message.id !== undefined) stream?.response.write(`data: ${answer}\n\n`);
      return response.writeHead(202).end() && true;
    });
    await using client = connectTo(server.url, { pool: { ...DEFAULT_POOL, maxConnections: 2 } });
    await client.connection.listTools();
    const failures = Array.from({ length: 4 }, () => failureOf(client.connection.callTool('t', {})));
    await arrived.promise;
    await client.until(({ pool }) => pool.queued === 2);
    stream?.response.destroy();
    expect((await Promise.all(failures)).map(({ code, delivery }) => `${code}, ${delivery}`)).toEqual([
      'connection-lost, unknown',
      'connection-lost, unknown',
      'connection-lost, not-sent',
      'connection-lost, not-sent',
    ]);
    expect(client.connection.snapshot().pool).toMatchObject({ busy: 0, queued: 0 });
    await client.connection.listTools({ refresh: true });
    expect(calls).toBe(2);
  });
});

describe('a server that restarts', () => {
  it('gets a call that may be repeated in the new session, also where that is only being started', async () => {
    let hasRestarted = false;
    let lost: Asked | undefined;
    const arrived = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    await using server = await startRawServer(
      async (asked) => {
        const { headers, message, response } = asked;
        if (message.method === 'tools/call' && !hasRestarted) {
          lost = asked;
          arrived.resolve();
          return true;
        }
        if (!hasRestarted || message.id === undefined) return false;
        if (message.method === 'initialize') {
          begun.resolve();
          await goOn.promise;
          return false;
        }
        if (headers['mcp-session-id'] === undefined) return response.writeHead(400).end() && true;
        return headers['mcp-session-id'] === 's1' && response.writeHead(404).end() && true;
      },
      { tools: [{ name: 't', inputSchema: {}, annotations: { idempotentHint: true } }] },
    );
    await using client = connectTo(server.url);
    await client.connection.listTools();
    const call = client.connection.callTool('t', {});
    await arrived.promise;
    hasRestarted = true;
    const other = client.connection.ping();
    await begun.promise;
    const requests = client.connection.snapshot().pool.busy;
    lost?.response.destroy();
    await client.until(({ pool }) => pool.busy < requests);
    goOn.resolve();
    await other;
    expect((await call).result.content).toEqual([]);
  });
});
