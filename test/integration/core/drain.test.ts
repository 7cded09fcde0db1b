import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import { startDelayedLink } from '../../lab/delayedLink.ts';
import { startLab } from '../../lab/lab.ts';
import { chattyTail, trickle } from '../../lab/modes/held.ts';
import { tlsIdentity } from '../../lab/tls.ts';
import { connectTo } from './connectTo.ts';

const pool = { ...DEFAULT_POOL, maxConnections: 4, queueTimeout: 5_000 };

describe('a server that does not end its stream', () => {
  it('does not keep the caller, and is cut off when the time is up', async () => {
    await using lab = await startLab({ mode: 'hold-open' });
    await using client = connectTo(lab.url, { drain: { timeout: 40, maxBytes: 1000 } });
    const { drained } = await client.connection.callTool('say_hello', {});
    expect(client.connection.snapshot().pool.draining).toBe(1);
    expect(await drained).toMatchObject({ outcome: 'held-open', bytes: 0 });
    await lab.waitFor(({ counts }) => counts.held === 0 && counts.open === 0);
    expect(client.connection.snapshot().pool).toMatchObject({ busy: 0, draining: 0 });
  });

  it('never has more sockets open than the cap, and none of its calls waits for a drain', async () => {
    await using lab = await startLab({ mode: 'hold-open' });
    await using client = connectTo(lab.url, { pool, drain: { timeout: 60_000, maxBytes: 1000 } });
    for (let n = 0; n < 30; n++) await client.connection.callTool('add', { a: n, b: 1 });
    expect(lab.counts.calls.get('add')).toBe(30);
    const { busy, draining, idle } = client.connection.snapshot().pool;
    expect(busy + draining + idle).toBeLessThanOrEqual(4);
  });

  it('is not given more time by comments', async () => {
    await using lab = await startLab({ mode: trickle({ everyMs: 5 }) });
    await using client = connectTo(lab.url, { drain: { timeout: 60, maxBytes: 100_000 } });
    const { drained } = await client.connection.callTool('say_hello', {});
    expect((await drained).outcome).toBe('budget-time');
  });

  it('that sends more than the budget is cut off for that', async () => {
    await using lab = await startLab({ mode: trickle({ everyMs: 1 }) });
    await using client = connectTo(lab.url, { drain: { timeout: 10_000, maxBytes: 20 } });
    const { drained } = await client.connection.callTool('say_hello', {});
    expect((await drained).outcome).toBe('budget-bytes');
  });
});

describe('a tail', () => {
  it('that comes late is read behind the caller’s back, and the connection used again', async () => {
    await using lab = await startLab({ mode: 'tail-stall' });
    await using client = connectTo(lab.url);
    const { drained } = await client.connection.callTool('say_hello', {});
    expect((await drained).outcome).toMatch(/^(drained|reused)$/);
    await client.connection.callTool('say_hello', {});
    expect(lab.counts.accepted).toBe(1);
  });

  it('with messages in it is delivered, not dropped', async () => {
    await using lab = await startLab({ mode: chattyTail({ messages: 2 }) });
    await using client = connectTo(lab.url, { drain: { timeout: 5_000, maxBytes: 100_000 } });
    const { drained } = await client.connection.callTool('say_hello', {});
    lab.release();
    expect((await drained).outcome).toBe('drained');
    const tail = client.trace.filter((event) => event.kind === 'sse-event' && event.tail);
    expect(tail).toHaveLength(2);
  });
});

describe('a connection', () => {
  it('that the server will close is not used again', async () => {
    await using lab = await startLab({ mode: 'no-keepalive' });
    await using client = connectTo(lab.url);
    for (let n = 0; n < 5; n++) {
      const { drained } = await client.connection.callTool('add', { a: n, b: n });
      expect((await drained).outcome).toBe('closed-by-server');
    }
    expect(lab.counts.calls.get('add')).toBe(5);
  });

  it('that was lost while it was idle does not fail the next call', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    await client.connection.callTool('add', { a: 1, b: 1 });
    lab.disconnect();
    await lab.waitFor(({ counts }) => counts.open === 0);
    const { wire } = await client.connection.callTool('add', { a: 2, b: 2 });
    expect(wire.connection).toBe(2);
    expect(lab.counts.calls.get('add')).toBe(2);
  });

  it('opened ahead carries the next call', async () => {
    await using lab = await startLab({ tls: await tlsIdentity('private-ca') });
    await using link = await startDelayedLink(lab.url, { oneWayMs: 5 });
    await using client = connectTo(link.url, { tls: { rejectUnauthorized: false } });
    await client.connection.connect();
    await client.connection.listTools();
    // One beside the idle one shows that the server serves both.
    client.connection.warmUp();
    await client.until(({ pool }) => pool.warm === 1);
    lab.disconnect();
    await client.until(({ pool }) => pool.idle + pool.warm === 0);
    client.connection.warmUp();
    await lab.waitFor(({ counts }) => counts.open === 1);
    const { accepted } = lab.counts;
    const { wire } = await client.connection.callTool('add', { a: 2, b: 2 });
    expect(wire.use).toBe(1);
    expect(lab.counts.accepted).toBe(accepted);
  });

  it.each(['stale-fin', 'stale-rst'] as const)(
    'that dies as a call is on its way (%s): only a tool that may run twice is called twice',
    async (mode) => {
      await using lab = await startLab({ mode });
      await using client = connectTo(lab.url);
      await client.connection.callTool('say_hello', {});
      expect(lab.counts.calls.get('say_hello')).toBe(1);
      await expect(client.connection.callTool('add', { a: 1, b: 1 })).rejects.toMatchObject({
        code: 'connection-lost',
        delivery: 'unknown',
      });
      // Twice alike is a habit: from now on no connection is used that the server may be about to close.
      for (let n = 0; n < 5; n++) await client.connection.callTool('add', { a: n, b: 1 });
      expect(lab.counts.calls.get('add')).toBe(5);
    },
  );
});
