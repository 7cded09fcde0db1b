import { describe, expect, it } from 'vitest';
import { connectTo, failureOf, textOf } from './connectTo.ts';
import { answerWith, answerWithMessage, startRawServer } from './rawServer.ts';

const TOOLS = [{ name: 't', inputSchema: { type: 'object' } }];
const OTHERS = [{ name: 'u', inputSchema: { type: 'object' } }];

/** A server that has other tools by and by, and does not tell. */
async function startChanging(
  refuse: { code: number; message: string; data?: unknown } | string,
  status = 200,
) {
  let hasChanged = false;
  const server = await startRawServer((asked) => {
    const { method, params } = asked.message;
    if (method === 'tools/list') return answerWith(asked, { tools: hasChanged ? OTHERS : TOOLS });
    if (method !== 'tools/call' || params?.['name'] === 'u' || !hasChanged) return false;
    asked.response.statusCode = status;
    if (typeof refuse === 'string')
      return answerWith(asked, { isError: true, content: [{ type: 'text', text: refuse }] });
    return answerWithMessage(asked, { error: refuse });
  });
  return {
    server,
    change() {
      hasChanged = true;
    },
    lists: () => server.asked.filter(({ message }) => message.method === 'tools/list').length,
  };
}

describe('a server that has other tools by now, and did not tell,', () => {
  it.each([
    { code: -32602, message: 'Unknown tool: t' },
    { code: -32602, message: 'Tool t not found' },
    { code: -32602, message: 'MCP error -32602: Tool t not found' },
    { code: -32602, message: 'Tool t disabled' },
    { code: -32000, message: "No such tool: 't'" },
    { code: -32603, message: 'The tool "t" does not exist' },
    { code: -32603, message: 'Could not find tool t' },
    { code: -32602, message: 'Invalid params', data: 'unknown tool t' },
    { code: -32601, message: 'Method not found' },
    { code: 404, message: 'tool t is no longer available' },
  ])('and says $message ($code), is asked for them again', async (error) => {
    for (const status of [200, 404]) {
      const { server, change, lists } = await startChanging(error, status);
      await using _ = server;
      let changes = 0;
      await using client = connectTo(server.url, {}, { onToolsChanged: () => changes++ });
      await client.connection.callTool('t', {});
      change();
      const failure = await failureOf(client.connection.callTool('t', {}));
      expect(failure.message).toContain(error.message);
      expect(failure.hint).toMatch(/does not list "t" any more/);
      expect({ changes, lists: lists() }).toEqual({ changes: 1, lists: 2 });
      expect(await client.connection.findTool('t')).toBeUndefined();
      expect(await client.connection.findTool('u')).toMatchObject({ name: 'u' });
      // That it is not there is known: nothing is asked for again.
      await failureOf(client.connection.callTool('t', {}));
      expect(lists()).toBe(2);
    }
  });

  it.each(['Tool t not found', 'MCP error -32602: Tool t not found', 'Unknown tool: t'])(
    'and says "%s" in a result, is asked for them again',
    async (text) => {
      const { server, change, lists } = await startChanging(text);
      await using _ = server;
      await using client = connectTo(server.url);
      await client.connection.callTool('t', {});
      change();
      const called = await client.connection.callTool('t', {});
      expect(textOf(called)).toBe(text);
      expect(lists()).toBe(2);
      expect(await client.connection.findTool('u')).toMatchObject({ name: 'u' });
    },
  );
});

it.each<[number, string]>([
  [-32602, 'Invalid arguments for tool t: a is required'],
  [-32602, 'The file was not found'],
  [-32603, 'Internal error'],
  [-32000, 'Rate limit of the tool'],
])('a call that is refused for another reason (%i, %s) asks for no list', async (code, message) => {
  const { server, change, lists } = await startChanging({ code, message });
  await using _ = server;
  await using client = connectTo(server.url);
  await client.connection.callTool('t', {});
  change();
  await failureOf(client.connection.callTool('t', {}));
  expect(lists()).toBe(1);
});

it('a server that lists a tool and does not know it is asked once for its list, and not with each call', async () => {
  await using server = await startRawServer((asked) => {
    if (asked.message.method !== 'tools/call') return false;
    return answerWithMessage(asked, { error: { code: -32602, message: 'Unknown tool: t' } });
  });
  await using client = connectTo(server.url);
  for (let n = 0; n < 30; n++)
    expect((await failureOf(client.connection.callTool('t', {}))).hint).not.toMatch(/any more/);
  expect(server.asked.filter(({ message }) => message.method === 'tools/list')).toHaveLength(2);
});
