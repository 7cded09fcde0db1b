import { describe, expect, it } from 'vitest';
import { event, httpAnswer } from '../../lab/answer.ts';
import { SCHEMA_UNCHECKED } from '../../lab/jsonrpc.ts';
import { type Lab, type LabOptions, startLab } from '../../lab/lab.ts';
import { HTTP_SSE_REQUESTS, httpSse } from '../../lab/modes/httpSse.ts';
import { startSdk1HttpSse } from '../peers/sdk1.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

const startSseLab = (mode = httpSse(), options: LabOptions = {}) =>
  startLab({ era: 'legacy', sessions: false, mode, on: HTTP_SSE_REQUESTS, ...options });

const asked = ({ received }: Pick<Lab, 'received'>) =>
  received.map(({ httpMethod, message }) => message?.method ?? httpMethod);

describe('a server of HTTP+SSE, the transport of 2024-11-05', () => {
  it.each([400, 404, 405])(
    'is found where a POST is answered with %i, as the last resort',
    async (toPost) => {
      await using lab = await startSseLab(httpSse({ toPost }));
      await using client = connectTo(lab.url);
      expect(await client.connection.connect()).toMatchObject({ era: 'legacy' });
      expect(asked(lab)).toEqual([
        'server/discover',
        'initialize',
        'GET',
        'initialize',
        'notifications/initialized',
      ]);
    },
  );

  it('is not looked for where a POST is answered otherwise', async () => {
    await using lab = await startSseLab(httpSse({ toPost: 500 }));
    await using client = connectTo(lab.url);
    expect(await failureOf(client.connection.connect())).toMatchObject({ status: 500 });
    expect(asked(lab)).not.toContain('GET');
  });

  it('can be pinned, and then nothing else is tried', async () => {
    await using lab = await startSseLab(httpSse(), {
      versions: { legacy: ['2024-11-05', '2025-03-26'] },
    });
    // The protocol's project has no JSON Schema of that revision.
    const headers = { [SCHEMA_UNCHECKED]: '1' };
    await using client = connectTo(lab.url, { protocol: '2024-11-05', headers });
    expect(await client.connection.connect()).toMatchObject({ protocolVersion: '2024-11-05' });
    expect(asked(lab)).toEqual(['GET', 'initialize', 'notifications/initialized']);
  });

  it('that was pinned and is none is told, with what to change', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url, { protocol: '2024-11-05' });
    const error = await failureOf(client.connection.connect());
    expect(error.status).toBe(400);
    expect(error.hint).toBeDefined();
    expect(asked(lab)).toEqual(['GET']);
  });

  it('answers calls on its one stream, each with its phases', async () => {
    await using lab = await startSseLab();
    await using client = connectTo(lab.url);
    const texts = await Promise.all(
      Array.from({ length: 20 }, async (_, n) =>
        textOf(await client.connection.callTool('echo', { text: `${n}` })),
      ),
    );
    expect(texts).toEqual(Array.from({ length: 20 }, (_, n) => `${n}`));
    expect(asked(lab).filter((what) => what === 'GET')).toHaveLength(1);
    const { timing, wire, drained } = await client.connection.callTool('say_hello', {});
    const { total, ...phases } = timing;
    expect(Math.min(...Object.values(phases))).toBeGreaterThanOrEqual(0);
    expect(Object.values(phases).reduce((sum, phase) => sum + phase)).toBeCloseTo(total, 3);
    expect(wire).toMatchObject({ origin: 'reused', body: 'sse' });
    expect(await drained).toMatchObject({ outcome: expect.stringMatching(/reused|drained/) });
    expect(client.warnings()).toEqual([]);
  });

  it('is told of a cancellation, and of a time-out', async () => {
    await using lab = await startSseLab();
    await using client = connectTo(lab.url);
    await client.connection.connect();
    const abort = new AbortController();
    const call = client.connection.callTool('gated', {}, { signal: abort.signal });
    await lab.waitFor(({ counts }) => counts.calls.get('gated') === 1);
    abort.abort();
    expect((await failureOf(call)).code).toBe('cancelled');
    await lab.waitFor(({ counts }) => counts.cancelled === 1);
    const late = client.connection.callTool('gated', {}, { timeout: 100 });
    expect(await failureOf(late)).toMatchObject({ code: 'request-timeout', delivery: 'unknown' });
    await lab.waitFor(({ counts }) => counts.cancelled === 2);
  });

  it('whose stream is lost fails what is under way, once; the next call connects anew', async () => {
    await using lab = await startSseLab();
    await using client = connectTo(lab.url);
    await client.connection.callTool('say_hello', {});
    const calls = Array.from({ length: 3 }, () => failureOf(client.connection.callTool('gated', {})));
    await lab.waitFor(({ counts }) => counts.calls.get('gated') === 3);
    lab.disconnect();
    for (const error of await Promise.all(calls))
      expect(error).toMatchObject({ code: 'connection-lost', delivery: 'unknown' });
    expect(lab.counts.calls.get('gated')).toBe(3);
    const before = lab.received.length;
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    expect(asked({ received: lab.received.slice(before) })).toEqual([
      'GET',
      'initialize',
      'notifications/initialized',
      'tools/call',
    ]);
  });

  it('that ends its stream is connected to anew by one handshake for all calls', async () => {
    await using lab = await startSseLab();
    await using client = connectTo(lab.url);
    await client.connection.callTool('say_hello', {});
    lab.release();
    await client.until(() =>
      client.trace.some((one) => one.kind === 'connection' && one.change === 'closed'),
    );
    const before = lab.received.length;
    await Promise.all(Array.from({ length: 8 }, () => client.connection.callTool('say_hello', {})));
    expect(asked({ received: lab.received.slice(before) }).filter((what) => what === 'GET')).toHaveLength(1);
    expect(lab.counts.calls.get('say_hello')).toBe(9);
  });

  it('whose endpoint is of another origin gets nothing, nor does that other one', async () => {
    await using other = await startLab({ era: 'legacy' });
    await using lab = await startSseLab(httpSse({ endpoint: other.url }));
    await using client = connectTo(lab.url, { headers: { authorization: 'Bearer secret' } });
    expect(await failureOf(client.connection.connect())).toMatchObject({
      code: 'protocol-unsupported',
      message: expect.stringContaining(other.url),
    });
    expect(other.counts.accepted).toBe(0);
    await lab.waitFor(({ counts }) => counts.open === 0);
  });

  it.each([
    ['begins with another event', event({ jsonrpc: '2.0', method: 'notifications/message' }), 20_000],
    ['never names an endpoint', ':\n\n', 300],
  ])('is none where the stream %s', async (_, first, requestTimeout) => {
    await using lab = await startSseLab(async (exchange) => {
      const { request, reply, hold } = exchange;
      if (request.httpMethod !== 'GET') return httpAnswer(404)(exchange);
      await reply.write(reply.opening(), first);
      await hold();
    });
    await using client = connectTo(lab.url, { requestTimeout });
    const startedAt = performance.now();
    expect(await failureOf(client.connection.connect())).toMatchObject({ code: 'not-found', status: 404 });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await lab.waitFor(({ counts }) => counts.open === 0);
  });

  it('ends with a disconnect, and leaves no socket', async () => {
    await using lab = await startSseLab();
    await using client = connectTo(lab.url);
    await client.connection.connect();
    const call = failureOf(client.connection.callTool('gated', {}));
    await lab.waitFor(({ counts }) => counts.calls.get('gated') === 1);
    await client.connection.disconnect();
    expect((await call).code).toBe('closed');
    await lab.waitFor(({ counts }) => counts.open === 0);
  });

  it('of the official SDK 1.x does all that it offers', async () => {
    const peer = await startSdk1HttpSse();
    try {
      await using client = connectTo(
        peer.url,
        {},
        { onElicit: async () => ({ action: 'accept', content: { name: 'Ada' } }) },
      );
      expect(await client.connection.listTools()).toHaveLength(4);
      const sums = await Promise.all(
        Array.from({ length: 10 }, (_, n) => client.connection.callTool('add', { a: n, b: 1 })),
      );
      expect(sums.map(({ result }) => result.structuredContent)).toEqual(
        Array.from({ length: 10 }, (_, n) => ({ sum: n + 1 })),
      );
      const seen: number[] = [];
      await client.connection.callTool(
        'slow',
        { steps: 3 },
        { onProgress: ({ progress }) => seen.push(progress) },
      );
      expect(seen).toEqual([1, 2, 3]);
      expect(textOf(await client.connection.callTool('elicit', {}))).toBe('Hello, Ada!');
      expect(client.warnings()).toEqual([]);
    } finally {
      await peer.close();
    }
  });
});
