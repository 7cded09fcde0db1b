import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import { event } from '../../lab/answer.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { END } from '../../lab/reply.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

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

  it('while its answer is on the way settles once, and leaves no trace in what comes after', async () => {
    await using lab = await startLab({ era });
    await using client = connectTo(lab.url);
    for (let n = 1; n <= 10; n++) {
      const abort = new AbortController();
      const call = client.connection.callTool('gated', {}, { signal: abort.signal });
      await lab.waitFor(({ counts }) => counts.held === 1);
      lab.release();
      if (n % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
      abort.abort();
      const outcome = await call.then(
        ({ result }) => result.isError !== true,
        ({ code }) => code === 'cancelled',
      );
      expect(outcome).toBe(true);
      expect(textOf(await client.connection.callTool('echo', { text: `${n}` }))).toBe(`${n}`);
    }
    expect(client.connection.snapshot().inFlight).toBe(0);
    expect(client.warnings()).toEqual([]);
  });

  it('is in the trace, with what ended it', async () => {
    await using lab = await startLab({ era });
    await using client = connectTo(lab.url);
    const abort = new AbortController();
    const call = client.connection.callTool('gated', {}, { signal: abort.signal });
    await lab.waitFor(({ counts }) => counts.held === 1);
    abort.abort();
    await failureOf(call);
    expect(client.trace.filter(({ kind }) => kind === 'call')).toEqual([
      expect.objectContaining({
        title: 'tools/call gated',
        outcome: 'cancelled',
        error: { code: 'cancelled', message: expect.stringContaining('was cancelled') },
      }),
    ]);
  });

  it('by its time-out is, whatever progress it makes', async () => {
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

describe('a legacy server', () => {
  const legacy = { protocol: '2025-11-25' } as const;

  it('is never told that a handshake is cancelled', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url, { ...legacy, requestTimeout: 100 });
    await client.connection.connect();
    // A new one is due, and not answered in time.
    lab.sessions.forget();
    lab.use('silence', ['initialize']);
    expect((await failureOf(client.connection.ping())).code).toBe('request-timeout');
    lab.use('prompt', []);
    await client.connection.ping();
    await client.connection.disconnect();
    expect(told(lab)).toBe(0);
  });

  it('may answer all the same, when it is told too late: nobody is disturbed', async () => {
    await using lab = await startLab({
      era: 'legacy',
      mode: async ({ request, reply }) => {
        const progressToken = request.message?.params?._meta?.progressToken ?? '';
        const params = { progressToken, progress: 1 };
        await reply.write(
          reply.opening(),
          event({ jsonrpc: '2.0', method: 'notifications/progress', params }),
        );
        await lab.waitFor(() => told(lab) === 1);
        await reply.write(
          event({ jsonrpc: '2.0', id: request.message?.id ?? 0, result: { content: [] } }),
          END,
        );
      },
    });
    await using client = connectTo(lab.url, legacy);
    const abort = new AbortController();
    const options = { signal: abort.signal, onProgress: () => abort.abort() };
    const call = client.connection.callTool('add', { a: 1, b: 1 }, options);
    expect((await failureOf(call)).code).toBe('cancelled');
    await client.until(({ pool }) => pool.busy + pool.draining === 0);
    expect(client.trace.some(({ kind }) => kind === 'drain')).toBe(true);
    lab.use('prompt');
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    expect(client.warnings()).toEqual([]);
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
