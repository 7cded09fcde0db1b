import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { connectTo, failureOf } from './connectTo.ts';

/** Cancellations that the server was told of. */
const told = (lab: Lab) =>
  lab.received.filter(
    ({ message }) => (message as { method?: string } | undefined)?.method === 'notifications/cancelled',
  ).length;

describe.each(['modern', 'legacy'] as const)('a call to a %s server that is cancelled', (era) => {
  it('fails at once, and the server stops', async () => {
    await using lab = await startLab({ era });
    await using client = connectTo(lab.url);
    const abort = new AbortController();
    const call = client.connection.callTool('gated', {}, { signal: abort.signal });
    await lab.waitFor(({ counts }) => counts.held === 1);
    abort.abort();
    expect(await failureOf(call)).toMatchObject({ code: 'cancelled', server: 'lab' });
    await lab.waitFor(({ counts }) => counts.cancelled === 1);
    expect(client.connection.snapshot()).toMatchObject({ inFlight: 0, lastCall: { outcome: 'cancelled' } });
  });

  it('before it began is never sent', async () => {
    await using lab = await startLab({ era });
    await using client = connectTo(lab.url);
    await client.connection.listTools();
    expect(
      await failureOf(client.connection.callTool('add', { a: 1, b: 1 }, { signal: AbortSignal.abort() })),
    ).toMatchObject({
      code: 'cancelled',
    });
    await client.connection.ping();
    expect(lab.counts.calls.has('add')).toBe(false);
  });

  it('leaves the other calls alone', async () => {
    await using lab = await startLab({ era });
    await using client = connectTo(lab.url);
    const abort = new AbortController();
    const cancelled = client.connection.callTool('gated', {}, { signal: abort.signal });
    const other = client.connection.callTool('gated', {});
    await lab.waitFor(({ counts }) => counts.held === 2);
    abort.abort();
    await failureOf(cancelled);
    lab.release();
    expect((await other).result.isError).not.toBe(true);
  });

  it('while it waits for a connection was never sent: nobody is told of it, and it says so', async () => {
    await using lab = await startLab({ era });
    await using client = connectTo(lab.url, { pool: { ...DEFAULT_POOL, maxConnections: 2 } });
    const abort = new AbortController();
    const calls = Array.from({ length: 40 }, () =>
      failureOf(client.connection.callTool('gated', {}, { signal: abort.signal })),
    );
    await lab.waitFor(({ counts }) => counts.held === 2);
    abort.abort();
    const deliveries = (await Promise.all(calls)).map(({ delivery }) => delivery);
    expect(deliveries.filter((delivery) => delivery === 'unknown')).toHaveLength(2);
    expect(deliveries.filter((delivery) => delivery === 'not-sent')).toHaveLength(38);
    await lab.waitFor(({ counts }) => counts.cancelled === 2 && told(lab) >= (era === 'legacy' ? 2 : 0));
    await client.connection.disconnect();
    expect(told(lab)).toBe(era === 'legacy' ? 2 : 0);
    expect(client.warnings()).toEqual([]);
  });

  it('teaches nothing about the server', async () => {
    await using lab = await startLab({ era });
    await using client = connectTo(lab.url, { drain: { timeout: 20, maxBytes: 1_000 } });
    for (let n = 1; n <= 6; n++) {
      const abort = new AbortController();
      const calls = Array.from({ length: 4 }, () =>
        failureOf(client.connection.callTool('gated', {}, { signal: abort.signal })),
      );
      await lab.waitFor(({ counts }) => counts.calls.get('gated') === 4 * n);
      abort.abort();
      await Promise.all(calls);
      await client.until(({ pool }) => pool.busy + pool.draining === 0);
    }
    expect(client.connection.snapshot().findings).toEqual([]);
  });

  it('by its time-out is so however often the server tells of progress', async () => {
    await using lab = await startLab({ era });
    await using client = connectTo(lab.url);
    let told = 0;
    const call = client.connection.callTool(
      'slow',
      { steps: 100_000, everyMs: 5 },
      { timeout: 150, onProgress: () => told++ },
    );
    expect(await failureOf(call)).toMatchObject({ code: 'request-timeout', delivery: 'unknown' });
    const before = told;
    expect(before).toBeGreaterThan(0);
    await lab.waitFor(({ counts }) => counts.cancelled === 1);
    // What is still on its way is told to nobody.
    await client.connection.ping();
    expect(told).toBe(before);
    expect(client.warnings()).toEqual([]);
  });

  it('by its time-out stops on the server too', async () => {
    await using lab = await startLab({ era });
    await using client = connectTo(lab.url);
    const error = await failureOf(client.connection.callTool('gated', {}, { timeout: 60, onProgress() {} }));
    expect(error).toMatchObject({ code: 'request-timeout', phase: 'stream' });
    await lab.waitFor(({ counts }) => counts.cancelled === 1);
  });
});

describe('disconnecting', () => {
  it('fails the calls in flight with its own code, and the next call connects again', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    const call = client.connection.callTool('gated', {});
    await lab.waitFor(({ counts }) => counts.held === 1);
    const failed = failureOf(call);
    await client.connection.disconnect();
    expect(await failed).toMatchObject({ code: 'closed' });
    await lab.waitFor(({ counts }) => counts.open === 0);
    await client.connection.callTool('say_hello', {});
    expect(client.states).toEqual(['connecting', 'connected', 'disconnected', 'connecting', 'connected']);
  });

  it('in the middle of connecting does not wait for a server that says nothing', async () => {
    await using lab = await startLab({ mode: 'silence', on: 'all' });
    await using client = connectTo(lab.url);
    const connecting = failureOf(client.connection.connect());
    await lab.waitFor(({ counts }) => counts.requests === 1);
    await client.connection.disconnect();
    expect(await connecting).toMatchObject({ code: 'closed' });
    expect(client.connection.state.kind).toBe('disconnected');
  });
});
