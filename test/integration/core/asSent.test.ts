import { expect, it } from 'vitest';
import type { CallOutcome } from '../../../src/core/index.ts';
import { isExactNumber, parseExact } from '../../../src/core/jsonrpc/exactJson.ts';
import { findPlaces, pathKey } from '../../../src/core/jsonrpc/jsonPlaces.ts';
import { connectTo } from './connectTo.ts';
import { type Asked, startRawServer } from './rawServer.ts';

/** A server that answers each call with this JSON as its result. */
function answering(
  result: string | Buffer,
  { as = 'json', member = 'result' }: { as?: 'json' | 'sse' | 'bom'; member?: string } = {},
) {
  return startRawServer(({ message, response }: Asked) => {
    if (message.method !== 'tools/call') return false;
    const body = Buffer.concat([
      Buffer.from(`{"jsonrpc":"2.0","id":${message.id},"${member}":`),
      Buffer.from(result),
      Buffer.from('}'),
    ]);
    response.setHeader('Content-Type', as === 'sse' ? 'text/event-stream' : 'application/json');
    if (as === 'sse') response.end(Buffer.concat([Buffer.from('data: '), body, Buffer.from('\n\n')]));
    else response.end(as === 'bom' ? Buffer.concat([Buffer.from('\ufeff'), body]) : body);
    return true;
  });
}

function resultText({ sent }: CallOutcome): string | undefined {
  if (sent === undefined) return undefined;
  const place = findPlaces(sent.text, [sent.result]).get(pathKey(sent.result));
  return place && sent.text.slice(place.start, place.end);
}

const NUMBERS =
  '{"id":9007199254740993,"rate":1.0,"big":1e400,"zero":-0,"fine":0.1000000000000000055,"2":1,"1":2}';

it.each(['json', 'sse', 'bom'] as const)(
  'the result of a call comes with the text that the server sent: as %s',
  async (as) => {
    const result = `{"content":[],"structuredContent":${NUMBERS}}`;
    await using server = await answering(result, { as });
    await using client = connectTo(server.url);
    const outcome = await client.connection.callTool('t', {});
    expect(resultText(outcome)).toBe(result);
    expect(outcome.sent?.invalidBytes).toBe(0);
    expect(outcome.result.structuredContent).toMatchObject({ rate: 1 });
  },
);

it('numbers go to the server with the digits that they were typed with', async () => {
  await using server = await startRawServer(() => false);
  await using client = connectTo(server.url);
  await client.connection.callTool(
    't',
    parseExact(NUMBERS.replace(',"2":1,"1":2', '')) as Record<string, unknown>,
  );
  await client.connection.callTool('t', { id: 725653563933458433n });
  const bodies = server.asked
    .filter(({ message }) => message.method === 'tools/call')
    .map(({ body }) => body);
  expect(bodies[0]).toContain(`"arguments":${NUMBERS.replace(',"2":1,"1":2', '')}`);
  expect(bodies[1]).toContain('"arguments":{"id":725653563933458433}');
});

it('numbers in the data of an error are those that the server sent', async () => {
  await using server = await answering('{"code":1,"message":"no","data":{"id":9007199254740993}}', {
    member: 'error',
  });
  await using client = connectTo(server.url);
  const error = await client.connection.callTool('t', {}).catch((thrown: unknown) => thrown);
  const data = (error as { rpc?: { data?: { id?: unknown } } }).rpc?.data;
  expect(isExactNumber(data?.id)).toBe(true);
  expect(JSON.stringify(data)).toBe('{"id":9007199254740993}');
});

it('bytes that are not UTF-8 are counted', async () => {
  await using server = await answering(
    Buffer.from('{"content":[{"type":"text","text":"caf\u00e9 \u00e0"}]}', 'latin1'),
  );
  await using client = connectTo(server.url);
  const { sent, result } = await client.connection.callTool('t', {});
  expect(sent?.invalidBytes).toBe(2);
  expect(result.content).toEqual([{ type: 'text', text: 'caf\ufffd \ufffd' }]);
});

const BLOCK = { type: 'text', text: 'the answer' };

it.each([
  ['one block', { content: BLOCK }, [BLOCK], 1],
  ['a text', { content: 'the answer' }, [BLOCK], 1],
  ['the first revision', { toolResult: { content: [BLOCK] } }, [BLOCK], 1],
  ['the first revision, a value', { toolResult: 5 }, [{ type: 'unreadable', value: 5 }], 2],
  ['null among blocks', { content: [null, BLOCK] }, [{ type: 'unreadable', value: null }, BLOCK], 1],
  [
    'a type that is null',
    { content: [{ type: null }, BLOCK] },
    [{ type: 'unreadable', value: { type: null } }, BLOCK],
    1,
  ],
  ['no content', { other: 1 }, [], 1],
  ['a type of the future', { content: [{ type: 'hologram' }] }, [{ type: 'hologram' }], 0],
])('content that is not as it should be costs nothing but itself: %s', async (_, result, content, odd) => {
  await using server = await answering(JSON.stringify(result));
  await using client = connectTo(server.url);
  const outcome = await client.connection.callTool('t', {});
  expect(outcome.result.content).toEqual(content);
  expect(outcome.odd).toHaveLength(odd);
});

it('a deep value among the blocks is a block that cannot be read', async () => {
  const deep = '['.repeat(500) + ']'.repeat(500);
  await using server = await answering(`{"content":[${deep},${JSON.stringify(BLOCK)}]}`);
  await using client = connectTo(server.url);
  const { result, odd } = await client.connection.callTool('t', {});
  expect(result.content.map(({ type }) => type)).toEqual(['unreadable', 'text']);
  expect(odd).toEqual([
    expect.stringContaining('Content block 1 has no "type", and is shown as it came: [[[[['),
  ]);
});
