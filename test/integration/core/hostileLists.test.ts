import { describe, expect, it } from 'vitest';
import { connectTo, failureOf } from './connectTo.ts';
import { type Asked, answerWith, eventStream, startRawServer } from './rawServer.ts';

const CHANGED = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' };

describe('a list that changes', () => {
  it('again and again is asked for once at a time, and once more after the last change', async () => {
    let change: (() => void) | undefined;
    let lists: Asked[] = [];
    const listed = () => {
      const asked = lists[0];
      lists = lists.slice(1);
      if (asked !== undefined) answerWith(asked, { tools: [{ name: `t${lists.length}`, inputSchema: {} }] });
    };
    let onList = Promise.withResolvers<void>();
    await using server = await startRawServer((asked) => {
      if (asked.httpMethod === 'GET') {
        const send = eventStream(asked);
        change = () => send(CHANGED);
      } else if (asked.message.method === 'tools/list') {
        lists.push(asked);
        onList.resolve();
      } else return false;
      return true;
    });
    const answers: Promise<unknown>[] = [];
    let onChange = Promise.withResolvers<void>();
    await using client = connectTo(
      server.url,
      {},
      {
        onToolsChanged: () => {
          answers.push(client.connection.listTools());
          onChange.resolve();
        },
      },
    );
    await client.connection.connect();
    const first = client.connection.listTools();
    await onList.promise;
    for (let n = 0; n < 30; n++) {
      onChange = Promise.withResolvers();
      change?.();
      await onChange.promise;
    }
    expect(lists).toHaveLength(1);
    onList = Promise.withResolvers();
    listed();
    await first;
    await onList.promise;
    listed();
    await Promise.all(answers);
    expect(answers).toHaveLength(30);
    expect(server.asked.filter(({ message }) => message.method === 'tools/list')).toHaveLength(2);
  });

  it('takes back what it had said of a tool: that it may run twice', async () => {
    const tool = { name: 't', inputSchema: {} };
    const lists = [{ tools: [{ ...tool, annotations: { idempotentHint: true } }] }, { tools: [tool] }];
    let change: (() => void) | undefined;
    await using server = await startRawServer((asked) => {
      if (asked.httpMethod === 'GET') {
        const send = eventStream(asked);
        change = () => send(CHANGED);
        return true;
      }
      if (asked.message.method === 'tools/list') return answerWith(asked, lists.shift() ?? {});
      return asked.message.method === 'tools/call' && asked.response.destroy() instanceof Object;
    });
    const changed = Promise.withResolvers<void>();
    await using client = connectTo(server.url, {}, { onToolsChanged: () => changed.resolve() });
    await client.connection.listTools();
    change?.();
    await changed.promise;
    expect(await failureOf(client.connection.callTool('t', {}))).toMatchObject({ delivery: 'unknown' });
    expect(server.asked.filter(({ message }) => message.method === 'tools/call')).toHaveLength(1);
  });
});

describe('an entry that cannot be used', () => {
  const DEEP = '['.repeat(500) + ']'.repeat(500);

  it.each([
    ['has no name', `{"nme":${DEEP}}`],
    [
      'has an annotation of no sense',
      `{"name":"u","inputSchema":{"properties":{"a":{"x-mcp-header":${DEEP}}}}}`,
    ],
  ])('is left out however deep it is: it %s', async (_, tool) => {
    await using server = await startRawServer(
      (asked) => {
        if (asked.message.method !== 'tools/list') return false;
        const tools = `[{"name":"t","inputSchema":{}},${tool}]`;
        asked.response.setHeader('Content-Type', 'application/json');
        asked.response.end(`{"jsonrpc":"2.0","id":${asked.message.id},"result":{"tools":${tools}}}`);
        return true;
      },
      { era: 'modern' },
    );
    await using client = connectTo(server.url);
    expect((await client.connection.listTools()).map(({ name }) => name)).toEqual(['t']);
    expect(client.warnings()).toEqual([expect.stringContaining('was left out of tools/list')]);
  });
});

it('a listener that fails ends neither the subscription nor another listener', async () => {
  const listening = Promise.withResolvers<() => void>();
  await using server = await startRawServer(
    (asked) => {
      if (asked.message.method !== 'subscriptions/listen') return false;
      const send = eventStream(asked);
      send({
        jsonrpc: '2.0',
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications: { toolsListChanged: true } },
      });
      listening.resolve(() => send(CHANGED));
      return true;
    },
    { era: 'modern', capabilities: { tools: { listChanged: true } } },
  );
  const told = Promise.withResolvers<void>();
  await using client = connectTo(
    server.url,
    {},
    {
      onToolsChanged: () => {
        throw new Error('mine');
      },
      onTrace: (event) => event.kind === 'warning' && /mine/.test(event.message) && told.resolve(),
    },
  );
  await client.connection.listTools();
  (await listening.promise)();
  await told.promise;
  await client.connection.ping();
  expect(server.asked.filter(({ response }) => response.destroyed && !response.writableEnded)).toEqual([]);
});

it('a list of large pages is bounded in what all of them have together', async () => {
  let pages = 0;
  await using server = await startRawServer((asked) => {
    if (asked.message.method !== 'tools/list') return false;
    const description = `${pages++}${'x'.repeat(5_000_000)}`;
    return answerWith(asked, { tools: [{ name: 't', description, inputSchema: {} }], nextCursor: 'more' });
  });
  await using client = connectTo(server.url);
  expect(await failureOf(client.connection.listTools())).toMatchObject({
    code: 'not-mcp',
    message: expect.stringContaining('it has more than 16777216 characters'),
  });
  expect(pages).toBe(4);
});

it('a costly outputSchema costs three calls a moment, and the next ones nothing', async () => {
  // Each is compared with all others: seconds of work.
  const structuredContent = Array.from({ length: 10_000 }, (_, n) => ({ n }));
  await using server = await startRawServer(
    (asked) => asked.message.method === 'tools/call' && answerWith(asked, { content: [], structuredContent }),
    { tools: [{ name: 't', inputSchema: {}, outputSchema: { type: 'array', uniqueItems: true } }] },
  );
  await using client = connectTo(server.url);
  const outcome = await client.connection.callTool('t', {});
  expect(outcome).toMatchObject({ violations: [], unchecked: 'it takes longer than 500 ms' });
  const before = process.threadCpuUsage();
  for (let n = 0; n < 20; n++)
    expect((await client.connection.callTool('t', {})).unchecked).toBe(outcome.unchecked);
  const { user, system } = process.threadCpuUsage(before);
  // Milliseconds for twenty calls, of client and server together.
  expect((user + system) / 1000).toBeLessThan(20 * 100);
});
