import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import { event, inEventStream } from '../../lab/answer.ts';
import { startLab } from '../../lab/lab.ts';
import { END } from '../../lab/reply.ts';
import { type LabTool, text } from '../../lab/tools.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

describe.each(['modern', 'legacy'] as const)('a call to a %s server', (era) => {
  it.each(['prompt', 'json'] as const)('is answered with %s', async (mode) => {
    await using lab = await startLab({ mode, era });
    await using client = connectTo(lab.url);
    const outcome = await client.connection.callTool('say_hello', { name: 'Ada' });
    expect(textOf(outcome)).toBe('Hello, Ada!');
    expect(outcome.wire).toMatchObject({
      connection: 1,
      origin: 'reused',
      status: 200,
      body: mode === 'json' ? 'json' : 'sse',
    });
    expect(await outcome.drained).toMatchObject({ outcome: 'reused', bytes: 0 });
    expect(client.connection.state).toMatchObject({ kind: 'connected', info: { era } });
  });

  it('goes over one connection again and again', async () => {
    await using lab = await startLab({ era });
    await using client = connectTo(lab.url);
    for (let n = 0; n < 50; n++) await client.connection.callTool('say_hello', {});
    // A legacy server speaks unasked on a stream with a connection of its own.
    const streams = era === 'legacy' ? 1 : 0;
    expect(lab.counts.accepted).toBe(1 + streams);
    expect(lab.counts.calls.get('say_hello')).toBe(50);
    expect(client.connection.snapshot().pool).toMatchObject({ idle: 1, opened: 1 + streams });
  });

  it('arrives once for each of many at the same time, within the cap', async () => {
    await using lab = await startLab({ era });
    await using client = connectTo(lab.url, {
      pool: { ...DEFAULT_POOL, maxConnections: 4 },
    });
    const texts = await Promise.all(
      Array.from({ length: 100 }, async (_, n) =>
        textOf(await client.connection.callTool('echo', { text: `${n}` })),
      ),
    );
    expect(texts).toEqual(Array.from({ length: 100 }, (_, n) => `${n}`));
    expect(lab.counts.calls.get('echo')).toBe(100);
    expect(lab.counts.maxOpen).toBeLessThanOrEqual(4 + (era === 'legacy' ? 1 : 0));
  });

  it('gives an error of the tool as a result, and an error of the protocol as an error', async () => {
    await using lab = await startLab({ era });
    await using client = connectTo(lab.url);
    expect((await client.connection.callTool('fail', {})).result.isError).toBe(true);
    const error = await failureOf(client.connection.callTool('no_such_tool', {}));
    expect(error).toMatchObject({
      code: 'jsonrpc-error',
      server: 'lab',
      delivery: 'answered',
      rpc: { code: -32602 },
    });
  });

  it('carries any text there and back', async () => {
    await using lab = await startLab({ era });
    await using client = connectTo(lab.url);
    const any = 'Zürich \u{1F6F6} 水 \u2028 "\\ \u0000';
    expect(textOf(await client.connection.callTool('echo', { text: any }))).toBe(any);
  });

  it('finds a tool by the exact letters of its name', async () => {
    const definition = { name: 'ADD', inputSchema: { type: 'object' as const } };
    const run = async () => ({ content: [{ type: 'text', text: 'the other' }] });
    await using lab = await startLab({ era, tools: [{ definition, run }] });
    await using client = connectTo(lab.url);
    const other = await client.connection.callTool('ADD', {});
    expect(textOf(other)).toBe('the other');
    // By its own definition: that of `add` wants structured content.
    expect(other.violations).toEqual([]);
    expect(textOf(await client.connection.callTool('add', { a: 1, b: 1 }))).toBe('2');
    expect(await failureOf(client.connection.callTool('Add', {}))).toMatchObject({ rpc: { code: -32602 } });
  });

  it('hears of no progress when it is over, whatever is said on the rest of its stream', async () => {
    let progress: (value: number) => string = () => '';
    await using lab = await startLab({
      era,
      mode: inEventStream(async (response, { request, reply, hold }) => {
        const progressToken = request.message?.params?._meta?.progressToken ?? '';
        progress = (value) =>
          event({
            jsonrpc: '2.0',
            method: 'notifications/progress',
            params: { progressToken, progress: value },
          });
        await reply.write(reply.opening(), progress(1), event(response));
        await hold();
        await reply.write(progress(2), END);
      }),
    });
    await using client = connectTo(lab.url);
    const seen: number[] = [];
    const { drained } = await client.connection.callTool(
      'say_hello',
      {},
      { onProgress: (one) => seen.push(one.progress) },
    );
    lab.release();
    expect(await drained).toMatchObject({ outcome: 'drained' });
    expect(client.trace.filter(({ kind }) => kind === 'sse-event').length).toBeGreaterThanOrEqual(3);
    expect(seen).toEqual([1]);
  });

  it('tells the progress that the server sends', async () => {
    await using lab = await startLab({ era });
    await using client = connectTo(lab.url);
    const progress: number[] = [];
    await client.connection.callTool(
      'slow',
      { steps: 3, everyMs: 1 },
      { onProgress: (one) => progress.push(one.progress) },
    );
    expect(progress).toEqual([1, 2, 3]);
  });

  it('hears its own progress and that of no other, of however many there are', async () => {
    const counts: LabTool = {
      definition: { name: 'counts', inputSchema: { type: 'object' } },
      run: async (call) => {
        const from = Number(call.args['from']);
        for (let n = 1; n <= 3; n++) await call.progress(from + n, from + 3, 'counting');
        return text('done');
      },
    };
    await using lab = await startLab({ era, tools: [counts] });
    await using client = connectTo(lab.url);
    const heard = await Promise.all(
      [10, 20, 30, 40].map(async (from) => {
        const progress: number[] = [];
        await client.connection.callTool(
          'counts',
          { from },
          { onProgress: (one) => progress.push(one.progress - from) },
        );
        return progress;
      }),
    );
    expect(heard).toEqual(Array.from({ length: 4 }, () => [1, 2, 3]));
    const tokens = lab.received.flatMap(({ message }) => message?.params?._meta?.progressToken ?? []);
    expect(new Set(tokens).size).toBe(4);
    expect(tokens.every((token) => Number.isInteger(token) || typeof token === 'string')).toBe(true);
  });

  it('has its structured content checked against the output schema: what breaks it is told beside the result', async () => {
    const wrong: LabTool = {
      definition: {
        name: 'wrong',
        inputSchema: { type: 'object' },
        outputSchema: { type: 'object', properties: { sum: { type: 'number' } }, required: ['sum'] },
      },
      run: async () => text('12', { structuredContent: { sum: '12' } }),
    };
    await using lab = await startLab({ era, tools: [wrong] });
    await using client = connectTo(lab.url);
    const { result, violations } = await client.connection.callTool('wrong', {});
    expect(result).toMatchObject({ structuredContent: { sum: '12' } });
    expect(violations).toEqual([expect.stringMatching(/^structuredContent\/sum: it is of type string/)]);
    const { violations: none, notes } = await client.connection.callTool('add', { a: 1, b: 2 });
    expect([none, notes]).toEqual([[], []]);
  });

  it('has what its structured content is only unlike told apart from what breaks it', async () => {
    const schema = { properties: { at: { type: 'string', format: 'date-time' }, sum: { type: 'number' } } };
    const dated = (name: string, structuredContent: object): LabTool => ({
      definition: { name, inputSchema: { type: 'object' }, outputSchema: { type: 'object', ...schema } },
      run: async () => text('', { structuredContent }),
    });
    const tools = [dated('unlike', { at: 'soon', sum: 1 }), dated('both', { at: 'soon', sum: '1' })];
    await using lab = await startLab({ era, tools });
    await using client = connectTo(lab.url);
    const note = 'structuredContent/at: it does not look like the format date-time';
    expect(await client.connection.callTool('unlike', {})).toMatchObject({ violations: [], notes: [note] });
    const both = await client.connection.callTool('both', {});
    expect([both.violations.length, both.notes]).toEqual([1, [note]]);
  });

  it('is measured in phases that add up to what the caller waited', async () => {
    await using lab = await startLab({ era });
    await using client = connectTo(lab.url);
    const { timing } = await client.connection.callTool('say_hello', {});
    const { total, ...phases } = timing;
    for (const ms of Object.values(phases)) expect(ms).toBeGreaterThanOrEqual(0);
    expect(Object.values(phases).reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(total, 6);
  });

  it('that the server asks back in is answered by the user', async () => {
    await using lab = await startLab({ era });
    const asked: string[] = [];
    await using client = connectTo(
      lab.url,
      {},
      {
        onElicit: async ({ message }) => {
          asked.push(message);
          return { action: 'accept', content: { name: 'Grace' } };
        },
      },
    );
    expect(textOf(await client.connection.callTool('ask', {}))).toContain('Grace');
    expect(asked).toHaveLength(1);
    // What the user took to answer is no latency of the server.
    expect(client.connection.snapshot().latency.count).toBe(0);
  });
});

describe('a parameter that is annotated with x-mcp-header', () => {
  const inputSchema = {
    type: 'object' as const,
    properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
  };
  const run = async () => ({ content: [{ type: 'text', text: 'ok' }] });

  it('is repeated as a header, encoded where it has to be', async () => {
    await using lab = await startLab({ tools: [{ definition: { name: 'route', inputSchema }, run }] });
    await using client = connectTo(lab.url);
    // The lab answers with an error where header and body differ.
    await client.connection.callTool('route', { region: 'Zürich' });
    expect(lab.received.at(-1)?.headers['mcp-param-region']).toBe('=?base64?WsO8cmljaA==?=');
  });

  it('that appeared after the list was read is found out: the list is read again, and the call made again', async () => {
    const definition = { name: 'route', inputSchema: { type: 'object' as const } };
    await using lab = await startLab({ tools: [{ definition, run }] });
    await using client = connectTo(lab.url);
    await client.connection.listTools();
    lab.tools.set('route', { definition: { name: 'route', inputSchema }, run });
    await client.connection.callTool('route', { region: 'eu' });
    expect(lab.counts.calls.get('route')).toBe(1);
  });

  it('and has a number without an exact text is told, and not sent', async () => {
    const numbered = { type: 'object' as const, properties: { n: { type: 'integer', 'x-mcp-header': 'N' } } };
    await using lab = await startLab({
      tools: [{ definition: { name: 'route', inputSchema: numbered }, run }],
    });
    await using client = connectTo(lab.url);
    await client.connection.callTool('route', { n: Number.MAX_SAFE_INTEGER });
    for (const n of [2 ** 53, -(2 ** 60), 1e300])
      expect(await failureOf(client.connection.callTool('route', { n }))).toMatchObject({
        code: 'arguments-invalid',
        delivery: 'not-sent',
      });
    expect(lab.counts.calls.get('route')).toBe(1);
  });

  it('with an illegal annotation leaves its tool out, says why, and leaves the others', async () => {
    const illegal = { type: 'object' as const, properties: { n: { type: 'number', 'x-mcp-header': 'N' } } };
    await using lab = await startLab({ tools: [{ definition: { name: 'bad', inputSchema: illegal }, run }] });
    await using client = connectTo(lab.url);
    const names = (await client.connection.listTools()).map(({ name }) => name);
    expect(names).toContain('say_hello');
    expect(names).not.toContain('bad');
    expect(client.warnings()).toEqual([expect.stringMatching(/^the tool bad was left out of tools\/list/)]);
  });
});

describe('the trace', () => {
  it('has every request, response and event of a call in order, with the connection that carried it', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    await client.connection.connect();
    await client.connection.listTools();
    const before = client.trace.length;
    const { drained } = await client.connection.callTool('say_hello', {});
    await drained;
    const kinds = client.trace.slice(before).map(({ kind }) => kind);
    expect(kinds).toEqual([
      'message',
      'http-request',
      'http-response',
      'sse-event',
      'drain',
      'http-end',
      'call',
    ]);
    expect(client.trace.find(({ kind }) => kind === 'sse-event')).toMatchObject({
      connection: 1,
      tail: false,
    });
  });

  it('never holds a secret of the settings', async () => {
    await using lab = await startLab({});
    const secret = 'do-not-tell';
    await using client = connectTo(lab.url, {
      headers: { Authorization: `Bearer ${secret}`, 'X-Mine': secret },
      secrets: [secret],
    });
    await client.connection.callTool('echo', { text: secret });
    expect(lab.received.at(-1)?.headers['x-mine']).toBe(secret);
    expect(JSON.stringify(client.trace)).not.toContain(secret);
  });

  it('waits so that no call does, and is whole once the connection is closed', async () => {
    await using lab = await startLab({});
    const client = connectTo(lab.url, {}, { traceDelay: 3_600_000 });
    const { drained } = await client.connection.callTool('say_hello', {});
    await drained;
    expect(client.trace).toEqual([]);
    await client.connection.close();
    const kinds = client.trace.map(({ kind }) => kind);
    expect(kinds.slice(0, 2)).toEqual(['state', 'message']);
    expect(kinds).toEqual(
      expect.arrayContaining(['http-request', 'http-response', 'sse-event', 'drain', 'call']),
    );
    expect(client.trace.at(-1)).toMatchObject({ kind: 'state', state: 'closed' });
  });

  it('costs nothing where nobody reads it', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url, {}, { traceLevel: () => 'off' });
    await client.connection.callTool('say_hello', {});
    expect(client.trace).toEqual([]);
  });
});
