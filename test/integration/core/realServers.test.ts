import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoServer, startDemoServer } from '../../../src/demo/index.ts';
import { startEverything } from '../peers/everything.ts';
import type { Peer } from '../peers/peer.ts';
import { startSdk1, startSdk1Json } from '../peers/sdk1.ts';
import { startSdk2 } from '../peers/sdk2.ts';
import { type Connected, connectTo, failureOf, textOf } from './connectTo.ts';

/** Servers that this project did not write; warnings in the trace would mean that one of us is wrong. */
describe.each([
  ['SDK 1.x with sessions', startSdk1, 'legacy', 'sse'],
  ['SDK 1.x, stateless, JSON', startSdk1Json, 'legacy', 'json'],
  ['SDK 2.x', startSdk2, 'modern', 'json'],
] as const)('a server on %s', (_, start, era, body) => {
  let peer: Peer;
  let client: Connected;
  beforeAll(async () => {
    peer = await start();
    client = connectTo(
      peer.url,
      {},
      { onElicit: async () => ({ action: 'accept', content: { name: 'Ada' } }) },
    );
  });
  afterAll(async () => {
    await client.connection.close();
    await peer.close();
  });

  it('is found to be of its era, and lists its tools', async () => {
    expect(await client.connection.connect()).toMatchObject({ era });
    expect((await client.connection.listTools()).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['echo', 'add', 'slow']),
    );
  });

  it('answers calls', async () => {
    const outcome = await client.connection.callTool('add', { a: 1, b: 2 });
    expect(textOf(outcome)).toContain('3');
    expect(outcome.wire.body).toBe(body);
    expect(outcome.violations).toEqual([]);
  });

  it('answers fifty calls over few connections, with no warning', async () => {
    const before = client.connection.snapshot().pool.opened;
    for (let n = 0; n < 50; n++)
      expect(textOf(await client.connection.callTool('echo', { text: `${n}` }))).toContain(`${n}`);
    expect(client.connection.snapshot().pool.opened - before).toBeLessThanOrEqual(1);
    expect(client.warnings()).toEqual([]);
  });
});

describe('server-everything', () => {
  let peer: Peer;
  let client: Connected;
  const asked: string[] = [];
  beforeAll(async () => {
    peer = await startEverything();
    client = connectTo(
      peer.url,
      {},
      {
        onElicit: async ({ message }) => {
          asked.push(message);
          return { action: 'accept', content: { name: 'Ada' } };
        },
        roots: () => [{ uri: 'file:///home/ada/project', name: 'project' }],
      },
    );
  });
  afterAll(async () => {
    await client.connection.close();
    await peer.close();
  });

  it('answers echo, a sum, structured content and an image', async () => {
    expect(textOf(await client.connection.callTool('echo', { message: 'hi' }))).toBe('Echo: hi');
    expect(textOf(await client.connection.callTool('get-sum', { a: 20, b: 22 }))).toContain('42');
    const structured = await client.connection.callTool('get-structured-content', { location: 'Chicago' });
    expect(structured.result.structuredContent).toHaveProperty('temperature');
    expect(structured.violations).toEqual([]);
    const image = await client.connection.callTool('get-tiny-image', {});
    expect(image.result.content.map(({ type }) => type)).toContain('image');
  });

  it('tells the progress of a long operation', async () => {
    const seen: number[] = [];
    await client.connection.callTool(
      'trigger-long-running-operation',
      { duration: 0.1, steps: 4 },
      { onProgress: ({ progress }) => seen.push(progress) },
    );
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('asks back on the stream of the call, and is answered', async () => {
    const { result } = await client.connection.callTool('trigger-elicitation-request', {});
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(result.content)).toContain('Ada');
  });

  it('refuses arguments that are wrong, and says so', async () => {
    const outcome = await client.connection.callTool('get-sum', { a: 'x' }).catch(() => undefined);
    const refused =
      outcome === undefined
        ? await failureOf(client.connection.callTool('get-sum', { a: 'x' }))
        : outcome.result;
    expect(JSON.stringify('isError' in refused ? refused.content : refused)).toMatch(/number|invalid/i);
  });
});

describe('the demo server', () => {
  let demo: DemoServer;
  beforeAll(async () => {
    demo = await startDemoServer();
  });
  afterAll(() => demo.close());

  it.each(['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'] as const)(
    'speaks %s, and asks back where the revision can',
    async (protocol) => {
      await using client = connectTo(
        demo.url,
        { protocol },
        { onElicit: async () => ({ action: 'accept', content: { name: 'Ada' } }) },
      );
      expect(textOf(await client.connection.callTool('say_hello', { name: 'Ada' }))).toContain('Ada');
      if (protocol !== '2025-03-26')
        expect(textOf(await client.connection.callTool('ask', {}))).toContain('Ada');
      expect(client.warnings()).toEqual([]);
    },
  );

  it('repeats an annotated parameter as a header, and checks it', async () => {
    await using client = connectTo(demo.url);
    const tools = await client.connection.listTools();
    const annotated = tools.find(({ inputSchema }) => JSON.stringify(inputSchema).includes('x-mcp-header'));
    expect(annotated?.name).toBe('structured');
    const { violations, result } = await client.connection.callTool('structured', {
      city: 'Zürich',
      region: 'asia',
    });
    expect(result.isError).not.toBe(true);
    expect(violations).toEqual([]);
  });

  it('ends each stream with its response: nothing is left to drain, and one connection is enough', async () => {
    await using client = connectTo(demo.url);
    for (let n = 0; n < 100; n++) {
      const { drained } = await client.connection.callTool('say_hello', {});
      expect((await drained).outcome).toBe('reused');
    }
    expect(client.connection.snapshot().pool.opened).toBe(1);
    expect(demo.stats()).toMatchObject({ openStreams: 0 });
  });

  it('gives a large result whole', async () => {
    await using client = connectTo(demo.url, {}, { traceLevel: () => 'off' });
    const { result } = await client.connection.callTool('large', { kilobytes: 10_000 });
    expect(JSON.stringify(result).length).toBeGreaterThan(10_000_000);
  });
});
