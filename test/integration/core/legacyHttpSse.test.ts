import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import { event, httpAnswer } from '../../lab/answer.ts';
import { SCHEMA_UNCHECKED } from '../../lab/jsonrpc.ts';
import { type Lab, type LabOptions, startLab } from '../../lab/lab.ts';
import { HTTP_SSE_REQUESTS, httpSse } from '../../lab/modes/httpSse.ts';
import type { Reply } from '../../lab/reply.ts';
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

  it('has its HTTP requests counted on from those that looked for Streamable HTTP: no number stands for two', async () => {
    await using lab = await startSseLab(httpSse());
    await using client = connectTo(lab.url);
    await client.connection.callTool('add', { a: 1, b: 1 });
    const numbers = client.trace.flatMap((event) => (event.kind === 'http-request' ? [event.request] : []));
    expect(numbers.length).toBeGreaterThan(5);
    expect(numbers).toEqual(numbers.map((_, n) => n + 1));
  });

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
    expect(error.hint).toMatch(/^Set "protocol" to "auto": it is pinned to 2024-11-05/);
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

  it('asks in the middle of several calls, and each of its questions gets its own answer', async () => {
    const peer = await startSdk1HttpSse();
    try {
      const questions: ((name: string) => void)[] = [];
      const all = Promise.withResolvers<void>();
      const onElicit = () =>
        new Promise<{ action: 'accept'; content: { name: string } }>((resolve) => {
          questions.push((name) => resolve({ action: 'accept', content: { name } }));
          if (questions.length === 6) all.resolve();
        });
      await using client = connectTo(
        peer.url,
        { pool: { ...DEFAULT_POOL, maxConnections: 2 } },
        { onElicit },
      );
      const answered: string[] = [];
      const asking = Array.from({ length: 6 }, async () => {
        const text = textOf(await client.connection.callTool('elicit', {}));
        answered.push(text);
      });
      await all.promise;
      // Calls go on beside them.
      const { result } = await client.connection.callTool('add', { a: 1, b: 2 });
      expect(result.structuredContent).toEqual({ sum: 3 });
      const names = ['Ada', 'Bob', 'Cleo', 'Dan', 'Eve', 'Fay'];
      for (const [n, name] of [...names.entries()].reverse()) questions[n]?.(name);
      await Promise.all(asking);
      expect(answered.toSorted()).toEqual(names.map((name) => `Hello, ${name}!`));
      const posted = client.trace.flatMap((one) =>
        one.kind === 'message' && one.direction === 'sent' && one.json.includes('"result"')
          ? [(JSON.parse(one.json) as { id: unknown }).id]
          : [],
      );
      expect(new Set(posted).size).toBe(6);
      const targets = client.trace.flatMap((one) =>
        one.kind === 'http-request' && one.method === 'POST' && one.url.includes('sessionId')
          ? [one.url]
          : [],
      );
      expect(new Set(targets).size).toBe(1);
      expect(client.warnings()).toEqual([]);
    } finally {
      await peer.close();
    }
  });

  it('that asked on a stream which was lost is not answered over the one in its place', async () => {
    const answer = httpSse();
    let stream: Reply | undefined;
    const question = {
      jsonrpc: '2.0',
      id: 0,
      method: 'elicitation/create',
      params: { message: 'Who?', requestedSchema: { type: 'object', properties: {} } },
    } as const;
    await using lab = await startSseLab(async (exchange) => {
      const { request, reply } = exchange;
      if (request.httpMethod === 'GET') stream = reply;
      if (request.message?.params?.name === 'gated') await stream?.write(event(question));
      return answer(exchange);
    });
    const asked = Promise.withResolvers<void>();
    const user = Promise.withResolvers<{ action: 'decline' }>();
    const onElicit = () => {
      asked.resolve();
      return user.promise;
    };
    await using client = connectTo(lab.url, {}, { onElicit });
    const lost = failureOf(client.connection.callTool('gated', {}));
    await asked.promise;
    lab.disconnect();
    expect((await lost).code).toBe('connection-lost');
    await client.connection.callTool('say_hello', {});
    user.resolve({ action: 'decline' });
    await client.connection.ping();
    expect(lab.received.filter(({ message }) => message?.result !== undefined)).toEqual([]);
    expect(client.warnings().at(-1)).toContain('the session of that request is over');
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
