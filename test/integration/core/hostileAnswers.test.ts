import { describe, expect, it } from 'vitest';
import { connectTo, failureOf } from './connectTo.ts';
import { answerWith, answerWithMessage, startRawServer } from './rawServer.ts';

describe('headers that come twice', () => {
  it.each([
    ['Content-Type', 200, ['application/json', 'application/json']],
    ['Content-Encoding', 200, ['identity', 'identity']],
  ])('leave an answer readable: %s', async (name, _, values) => {
    await using server = await startRawServer((asked) => {
      if (asked.message.method !== 'tools/call') return false;
      asked.response.setHeader('Content-Type', 'application/json');
      asked.response.setHeader(name, values);
      asked.response.end(JSON.stringify({ jsonrpc: '2.0', id: asked.message.id, result: { content: [] } }));
      return true;
    });
    await using client = connectTo(server.url);
    expect((await client.connection.callTool('t', {})).result.content).toEqual([]);
  });

  it.each([
    [
      'WWW-Authenticate',
      401,
      ['Basic', 'Bearer'],
      {
        code: 'unauthorized',
        hint: expect.stringMatching(/^Set an "Authorization" header.*It asks for: Basic, Bearer$/),
      },
    ],
    ['Retry-After', 429, ['1', '2'], { code: 'rate-limited', retryAfterMs: 1_000 }],
    ['Location', 303, ['/a', '/b'], { code: 'redirected', location: expect.stringMatching(/\/a$/) }],
  ])('leave a failure telling: %s', async (name, status, values, failure) => {
    await using server = await startRawServer(
      ({ message, response }) =>
        message.method === 'tools/call' && response.writeHead(status, { [name]: values }).end() && true,
    );
    await using client = connectTo(server.url, { requestTimeout: 2_000 });
    expect(await failureOf(client.connection.callTool('t', {}))).toMatchObject(failure);
  });

  it('name the session that stands first', async () => {
    await using server = await startRawServer((asked) => {
      if (asked.message.method !== 'initialize') return false;
      asked.response.setHeader('Mcp-Session-Id', ['a', 'b']);
      return answerWith(asked, { protocolVersion: '2025-11-25', capabilities: { tools: {} } });
    });
    await using client = connectTo(server.url);
    await client.connection.listTools();
    expect(server.asked.at(-1)?.headers['mcp-session-id']).toBe('a');
  });
});

describe('a response that has the other member as well', () => {
  const error = { code: -32000, message: 'quota exceeded' };

  it.each([null, 'none', 0, false, []])('is the result that it holds, beside the error %j', async (none) => {
    await using server = await startRawServer((asked) => {
      const { id, method } = asked.message;
      if (id === undefined) return false;
      if (method === 'initialize')
        return answerWithMessage(asked, {
          result: { protocolVersion: '2025-11-25', capabilities: { tools: {} } },
          error: none,
        });
      return answerWithMessage(asked, { result: { tools: [], content: [] }, error: none });
    });
    await using client = connectTo(server.url, { protocol: '2025-11-25' });
    const { result, sent } = await client.connection.callTool('t', {});
    expect(result.content).toEqual([]);
    expect(sent?.result).toEqual(['result']);
  });

  it.each([null, 'none', {}])('is the error that it holds, beside the result %j', async (none) => {
    await using server = await startRawServer(
      (asked) => asked.message.method === 'tools/call' && answerWithMessage(asked, { result: none, error }),
    );
    await using client = connectTo(server.url);
    const failure = await failureOf(client.connection.callTool('t', {}));
    expect(failure).toMatchObject({ code: 'jsonrpc-error', delivery: 'answered', rpc: error });
  });
});

it('an error’s message is kept as far as a person reads it', async () => {
  const message = 'no '.repeat(1_000_000);
  await using server = await startRawServer(
    (asked) =>
      asked.message.method === 'tools/call' && answerWithMessage(asked, { error: { code: -1, message } }),
  );
  await using client = connectTo(server.url);
  const failure = await failureOf(client.connection.callTool('t', {}));
  for (const told of [failure.message, failure.stack, failure.rpc?.message, failure.rpc])
    expect(JSON.stringify(told).length).toBeLessThan(100_000);
  expect(failure.rpc?.message).toMatch(/more characters\)$/);
});

it('an error’s data is told with the numbers that were sent', async () => {
  await using server = await startRawServer(({ message, response }) => {
    if (message.method !== 'tools/call') return false;
    response.setHeader('Content-Type', 'application/json');
    response.end(
      `{"jsonrpc":"2.0","id":${message.id},"error":{"code":-1,"message":"no","data":{"id":725653563933458433}}}`,
    );
    return true;
  });
  await using client = connectTo(server.url);
  const { rpc } = await failureOf(client.connection.callTool('t', {}));
  expect(JSON.stringify(rpc?.data)).toBe('{"id":725653563933458433}');
});

describe('a credential that stands in the settings in the open', () => {
  it('is told to nobody, also where the server repeats it in a failure', async () => {
    await using server = await startRawServer(({ headers, message, response }) => {
      if (message.method !== 'tools/call') return false;
      const { authorization, 'x-api-key': key } = headers;
      response.setHeader('WWW-Authenticate', `Bearer not ${authorization}`);
      return response.writeHead(401).end(`seen: ${authorization} ${key}`) && true;
    });
    const headers = { Authorization: 'Bearer abc.def', 'X-Api-Key': 'k-1234' };
    await using client = connectTo(server.url, { headers });
    const error = await failureOf(client.connection.callTool('t', {}));
    expect(error).toMatchObject({
      code: 'unauthorized',
      status: 401,
      message: expect.stringContaining('seen: '),
    });
    expect(server.asked[0]?.headers).toMatchObject({
      authorization: 'Bearer abc.def',
      'x-api-key': 'k-1234',
    });
    expect(JSON.stringify([client.trace, error.message, error.hint])).not.toMatch(/abc\.def|k-1234/);
  });
});

it('a state that is nested too deep to be sent back is told as what it is', async () => {
  const DEEP = '['.repeat(200_000) + ']'.repeat(200_000);
  await using server = await startRawServer(
    ({ message, response }) => {
      if (message.method !== 'tools/call') return false;
      response.setHeader('Content-Type', 'application/json');
      const result = `{"resultType":"input_required","requestState":${DEEP}}`;
      return response.end(`{"jsonrpc":"2.0","id":${message.id},"result":${result}}`) && true;
    },
    { era: 'modern' },
  );
  await using client = connectTo(server.url);
  expect(await failureOf(client.connection.callTool('t', {}))).toMatchObject({
    code: 'too-large',
    message: 'The answer to tools/call was given up: it has objects and arrays nested more than 512 deep',
  });
});
