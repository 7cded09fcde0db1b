import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { tlsIdentity } from '../../lab/tls.ts';
import { type Connected, connectTo, failureOf, textOf } from './connectTo.ts';
import { ODD, TEXT } from './oddServers.ts';
import { answerWith, eventStream, resultOf, startRawServer } from './rawServer.ts';

const call = ({ connection }: Connected) => connection.callTool('t', {});

describe('an answer that is not as it should be', () => {
  it('is no warning a call, where the server gives each of them twice over HTTP+SSE', async () => {
    await using server = await (ODD['HTTP+SSE: the answer comes twice'] as (typeof ODD)[string]).start();
    await using client = connectTo(server.url);
    for (let n = 0; n < 20; n++) expect(textOf(await call(client))).toBe(TEXT);
    // As any warning that repeats itself.
    expect(client.warnings().length).toBeLessThanOrEqual(4);
  });

  it('is an error under an id that nobody asked, only where the answer itself does not follow', async () => {
    await using server = await startRawServer((asked) => {
      if (asked.message.method !== 'tools/call') return false;
      const send = eventStream(asked);
      send({ jsonrpc: '2.0', id: 'stray', error: { code: -1, message: 'not yours' } });
      send(resultOf(asked, { content: [{ type: 'text', text: TEXT }] }));
      return true;
    });
    await using client = connectTo(server.url);
    expect(textOf(await call(client))).toBe(TEXT);
  });

  it('runs out of time with what came in its place', async () => {
    await using server = await startRawServer((asked) => {
      if (asked.message.method !== 'tools/call') return false;
      asked.response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      asked.response.write('event: result\ndata: {"ok":true}\n\n');
      return true;
    });
    await using client = connectTo(server.url);
    await client.connection.listTools();
    expect(await failureOf(client.connection.callTool('t', {}, { timeout: 2_000 }))).toMatchObject({
      code: 'request-timeout',
      delivery: 'unknown',
      message: expect.stringContaining(
        'it sent an event with the name "result", with the data "{\\"ok\\":true}"',
      ),
    });
  });

  it('was taken with a 202, and never came: that is what is told when the time is over', async () => {
    await using server = await startRawServer((asked) => {
      if (asked.httpMethod === 'GET') return eventStream(asked) !== undefined;
      return asked.message.method === 'tools/call' && asked.response.writeHead(202).end() !== undefined;
    });
    await using client = connectTo(server.url);
    await client.connection.listTools();
    expect(await failureOf(client.connection.callTool('t', {}, { timeout: 2_000 }))).toMatchObject({
      code: 'request-timeout',
      delivery: 'unknown',
      message: expect.stringContaining('accepted it (HTTP 202) and sent no response'),
    });
    // Its connection was given back: only `notifications/cancelled` is under way, for a moment.
    await expect.poll(() => client.connection.snapshot().pool.busy).toBe(0);
  });

  it.each<[string, 'stream' | 'stream, kept open' | 'JSON', (id: unknown) => string, RegExp]>([
    [
      'an event without its end',
      'stream',
      (id) => `data: ${JSON.stringify({ jsonrpc: '2.0', id, result: {} })}\n`,
      /; the last event that it sent is not complete: no empty line follows it$/,
    ],
    [
      'that it gives up, and why',
      'stream',
      (requestId) =>
        `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: String(requestId), reason: 'out of memory' } })}\n\n`,
      /; it said that it cancelled the request: "out of memory"$/,
    ],
    [
      'that another request is given up, which is not told',
      'stream',
      () =>
        'data: {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"of another"}}\n\n',
      /(?:one event, which is not the response|to the id \d+)$/,
    ],
    [
      'what is no message',
      'stream, kept open',
      () => 'data: Hello\n\n',
      /; it sent "Hello", which is not a message, because it is not JSON/,
    ],
    [
      'a comment without its end, which is not told',
      'stream',
      () => ': still here',
      /(?:sent no event|to the id \d+)$/,
    ],
    ['half a body', 'JSON', () => '{"jsonrpc":', /; 11 bytes of its body came, and the rest did not$/],
  ])('says what came in place of the response: %s', async (_, kind, said, message) => {
    const codes = kind === 'stream' ? ['request-timeout', 'stream-ended'] : ['request-timeout'];
    for (const code of codes) {
      await using server = await startRawServer((asked) => {
        if (asked.message.method !== 'tools/call') return false;
        const type = kind === 'JSON' ? 'application/json' : 'text/event-stream';
        asked.response.writeHead(200, { 'Content-Type': type });
        asked.response.write(said(asked.message.id));
        if (code === 'stream-ended') asked.response.end();
        return true;
      });
      await using client = connectTo(server.url);
      await client.connection.listTools();
      expect(await failureOf(client.connection.callTool('t', {}, { timeout: 1_000 }))).toMatchObject({
        code,
        delivery: 'unknown',
        message: expect.stringMatching(message),
      });
    }
  });

  it('says what came in its place on the stream for what the server says unasked', async () => {
    let tell: ReturnType<typeof eventStream> | undefined;
    await using server = await startRawServer((asked) => {
      if (asked.httpMethod === 'GET') {
        tell = eventStream(asked);
        return true;
      }
      if (asked.message.method !== 'tools/call') return false;
      asked.response.writeHead(202).end();
      const params = { requestId: asked.message.id, reason: 'shutting down' };
      tell?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params });
      return true;
    });
    await using client = connectTo(server.url);
    await client.connection.listTools();
    expect(await failureOf(client.connection.callTool('t', {}, { timeout: 1_000 }))).toMatchObject({
      code: 'request-timeout',
      message: expect.stringMatching(/; it said that it cancelled the request: "shutting down"$/),
    });
  });

  it.each<[string, object | string, RegExp]>([
    [
      'a cancellation',
      { method: 'notifications/cancelled', params: { requestId: '$id', reason: 'no memory' } },
      /; it said that it cancelled the request: "no memory"$/,
    ],
    ['another id', { id: 'other', result: {} }, /; it answered the id "other" instead$/],
    [
      'what is no message',
      'data: oh dear\n\n',
      /; it sent "oh dear", which is not a message, because it is not JSON/,
    ],
    [
      'an event with another name',
      'event: oops\ndata: disk full\n\n',
      /; it sent an event with the name "oops", with the data "disk full"$/,
    ],
  ])('says what came in its place on the stream of HTTP+SSE: %s', async (_, said, message) => {
    let stream: ServerResponse | undefined;
    const tell = (member: object) =>
      stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...member })}\n\n`);
    await using server = await startRawServer((asked) => {
      const { id, method } = asked.message;
      if (asked.httpMethod === 'GET') {
        eventStream(asked);
        stream = asked.response;
        stream.write('event: endpoint\ndata: /messages\n\n');
        return true;
      }
      asked.response.writeHead(202).end();
      if (method === 'initialize')
        tell({
          id,
          result: {
            protocolVersion: '2024-11-05',
            capabilities: { tools: {} },
            serverInfo: { name: 'a', version: '1' },
          },
        });
      else if (method === 'tools/list')
        tell({ id, result: { tools: [{ name: 't', inputSchema: { type: 'object' } }] } });
      else if (method === 'tools/call') {
        if (typeof said === 'string') stream?.write(said);
        else tell(JSON.parse(JSON.stringify(said).replace('"$id"', JSON.stringify(id))));
      }
      return true;
    });
    await using client = connectTo(server.url, { protocol: '2024-11-05' });
    await client.connection.listTools();
    expect(await failureOf(client.connection.callTool('t', {}, { timeout: 1_000 }))).toMatchObject({
      code: 'request-timeout',
      message: expect.stringMatching(message),
    });
  });

  it('does not come at all, from a port that may wait for TLS: the hint names https', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    await using client = connectTo(`http://127.0.0.1:${port}/mcp`, { requestTimeout: 500 });
    expect(await failureOf(client.connection.connect())).toMatchObject({
      code: 'request-timeout',
      hint: expect.stringContaining('If its port speaks TLS, write https:// in place of http:// in its URL.'),
    });
    await client.connection.disconnect();
    silent.close();
  });

  it('tells of progress under a token that is a text by now', async () => {
    await using server = await startRawServer((asked) => {
      if (asked.message.method !== 'tools/call') return false;
      const { progressToken } = (asked.message.params?.['_meta'] ?? {}) as { progressToken?: number };
      const send = eventStream(asked);
      const params = { progressToken: String(progressToken), progress: 1, total: null, message: null };
      send({ jsonrpc: '2.0', id: null, method: 'notifications/progress', params });
      send(resultOf(asked));
      return true;
    });
    await using client = connectTo(server.url);
    const heard: unknown[] = [];
    await client.connection.callTool('t', {}, { onProgress: (progress) => heard.push(progress) });
    expect(heard).toEqual([{ progress: 1 }]);
  });
});

describe('what a server offers', () => {
  const capabilities = { tools: {}, prompts: {}, resources: {} };

  it('loses a message, a content, a prompt or a resource that is none, and keeps the others', async () => {
    const results: Record<string, object> = {
      'prompts/list': { prompts: [null, { name: 'p', description: null, arguments: [null, { name: 'a' }] }] },
      'prompts/get': {
        description: null,
        messages: [
          null,
          { role: 'user', content: 'text' },
          { role: 'user', content: [{ type: 'text', text: 'a' }, null] },
        ],
      },
      'resources/list': { resources: [{ uri: 'x://1', name: null, size: 'big' }, 7] },
      'resources/read': { contents: [null, { text: 'hi', uri: null, blob: null }] },
    };
    await using server = await startRawServer(
      (asked) => {
        const result = results[asked.message.method ?? ''];
        return result !== undefined && answerWith(asked, result);
      },
      { capabilities },
    );
    await using client = connectTo(server.url);
    const { connection } = client;
    expect(await connection.listPrompts()).toEqual([{ name: 'p', arguments: [{ name: 'a' }] }]);
    expect((await connection.getPrompt('p')).messages).toEqual([
      { role: 'user', content: { type: 'text', text: 'text' } },
      { role: 'user', content: { type: 'text', text: 'a' } },
    ]);
    expect(await connection.listResources()).toEqual([{ uri: 'x://1', name: 'x://1' }]);
    expect(await connection.readResource('x://1')).toEqual({ contents: [{ uri: 'x://1', text: 'hi' }] });
    expect(client.warnings()).toEqual([
      expect.stringContaining('a prompt was left out of prompts/list, because it is not an object: null'),
      expect.stringContaining(
        'parts of the prompt "p" of prompts/list were left out: entry 1 of its "arguments"',
      ),
      expect.stringContaining('message 1 of the prompt "p" was left out'),
      expect.stringContaining(
        'parts of the resource "x://1" of resources/list were left out: its "size" is not a number: "big"',
      ),
      expect.stringContaining('a resource was left out of resources/list, because it is not an object: 7'),
      expect.stringContaining('1 of the contents of "x://1" were left out'),
    ]);
  });

  it('is known by name also where its version is null', async () => {
    await using server = await startRawServer(
      (asked) =>
        asked.message.method === 'initialize' &&
        answerWith(asked, {
          protocolVersion: '2025-11-25',
          capabilities: { tools: {}, prompts: null },
          serverInfo: { name: 'n', version: null, title: null },
          instructions: null,
        }),
    );
    await using client = connectTo(server.url);
    expect(await client.connection.connect()).toMatchObject({ implementation: { name: 'n', version: '' } });
  });
});

describe('a cookie', () => {
  it('of a load balancer goes back with every request of the session, masked in the trace, and not beyond it', async () => {
    let session = 0;
    await using server = await startRawServer(({ message, response }) => {
      if (message.method === 'initialize')
        response.setHeader('Set-Cookie', `NODE=secret-node-${++session}; Path=/`);
      return false;
    });
    await using client = connectTo(server.url);
    await client.connection.listTools();
    await call(client);
    const cookies = () =>
      server.asked.map(({ headers, message, httpMethod }) => [message.method ?? httpMethod, headers.cookie]);
    expect(cookies()).toEqual(
      expect.arrayContaining([
        ['initialize', undefined],
        ['notifications/initialized', 'NODE=secret-node-1'],
        ['GET', 'NODE=secret-node-1'],
        ['tools/list', 'NODE=secret-node-1'],
        ['tools/call', 'NODE=secret-node-1'],
      ]),
    );
    expect(JSON.stringify(client.trace)).toContain('cookie');
    expect(JSON.stringify(client.trace)).not.toContain('secret-node');
    await client.connection.disconnect();
    const before = server.asked.length;
    await call(client);
    expect(cookies().slice(before)).toContainEqual(['initialize', undefined]);
    expect(cookies().at(-1)).toEqual(['tools/call', 'NODE=secret-node-2']);
  });
});

describe('a refusal of credentials', () => {
  it.each([
    [undefined, 'The server wants credentials', /^Set an "Authorization" header/],
    ['a=b', 'The server does not accept the credentials', /^"cookie" was sent, and not accepted/],
  ])(
    'is not taken for one of the server’s own cookie: Cookie of the settings %s',
    async (cookie, what, hint) => {
      await using server = await startRawServer(({ message, response }) => {
        response.setHeader('Set-Cookie', 'NODE=1; Path=/');
        return message.method === 'tools/call' && response.writeHead(401).end() !== undefined;
      });
      await using client = connectTo(server.url, cookie === undefined ? {} : { headers: { Cookie: cookie } });
      await client.connection.listTools();
      expect(await failureOf(call(client))).toMatchObject({
        code: 'unauthorized',
        message: expect.stringContaining(what),
        hint: expect.stringMatching(hint),
      });
      expect(server.asked.at(-1)?.headers.cookie).toBe(cookie === undefined ? 'NODE=1' : 'a=b; NODE=1');
    },
  );
});

describe('a server that HTTP/2 does not do for', () => {
  const TRUSTING = { tls: { rejectUnauthorized: false } };

  async function start(speaks: 'both' | 'HTTP/2 alone', code: number) {
    const { key, cert } = await tlsIdentity('private-ca');
    const server: Http2SecureServer = createSecureServer({ key, cert, allowHTTP1: speaks === 'both' });
    const versions: string[] = [];
    const sockets = new Set<{ destroy(): void }>();
    server.on('secureConnection', (socket) => sockets.add(socket));
    server.on('sessionError', () => undefined).on('tlsClientError', () => undefined);
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      request.on('error', () => undefined);
      for await (const chunk of request) chunks.push(chunk);
      const { id, method } = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
      if (method === 'tools/call') versions.push(request.httpVersion);
      if (method === 'tools/call' && request.httpVersionMajor === 2) return request.stream.close(code);
      if (request.method !== 'POST') return response.writeHead(405).end();
      if (id === undefined) return response.writeHead(202).end();
      const initialized = { protocolVersion: '2025-11-25', capabilities: { tools: {} } };
      const tools = [{ name: 't', inputSchema: {} }];
      const result = { initialize: initialized, 'tools/list': { tools } }[method as string] ?? {
        content: [],
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
      versions,
      async [Symbol.asyncDispose]() {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  it('and says so (HTTP_1_1_REQUIRED) is asked over HTTP/1.1, in the same call and from then on', async () => {
    await using server = await start('both', 13);
    await using client = connectTo(server.url, TRUSTING);
    await client.connection.listTools();
    for (let n = 0; n < 3; n++) expect((await call(client)).wire.httpVersion).toBe('1.1');
    expect(server.versions).toEqual(['2.0', '1.1', '1.1', '1.1']);
  });

  it('because its answers break it is told what is wrong, and asked over HTTP/1.1 from then on', async () => {
    await using server = await start('both', 1);
    await using client = connectTo(server.url, TRUSTING);
    await client.connection.listTools();
    expect(await failureOf(call(client))).toMatchObject({
      code: 'connection-lost',
      delivery: 'unknown',
      message: expect.stringContaining('broke the rules of HTTP/2 (PROTOCOL_ERROR)'),
      hint: expect.stringContaining('a header that HTTP/2 forbids'),
    });
    expect((await call(client)).wire.httpVersion).toBe('1.1');
  });

  it('and that speaks nothing else is asked over HTTP/2 again', async () => {
    await using server = await start('HTTP/2 alone', 1);
    await using client = connectTo(server.url, TRUSTING);
    await client.connection.listTools();
    for (let n = 0; n < 2; n++)
      expect(await failureOf(call(client))).toMatchObject({ code: 'connection-lost' });
    expect(await client.connection.listTools({ refresh: true })).toHaveLength(1);
    expect(server.versions).toEqual(['2.0', '2.0']);
  });
});
