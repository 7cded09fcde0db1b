import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import { connectTo, failureOf } from './connectTo.ts';
import { startRawServer } from './rawServer.ts';

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
      delivery: 'not-sent',
    });
    expect(signal.aborted).toBe(true);
    expect(timers.size).toBe(0);
  });
});
