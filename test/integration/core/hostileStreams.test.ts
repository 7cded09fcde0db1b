import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import { connectTo, failureOf } from './connectTo.ts';
import { type Asked, eventStream, resultOf, startRawServer } from './rawServer.ts';

describe('a server that pings for ever', () => {
  it.each(['on the stream of a call', 'on its own stream'])(
    '%s gets no more time for the call',
    async (where) => {
      let nth = 0;
      let timer: NodeJS.Timeout | undefined;
      await using server = await startRawServer((asked) => {
        // Nobody takes our answer to a ping.
        if (asked.message.result !== undefined) return true;
        if (asked.httpMethod === 'POST' && asked.message.method !== 'tools/call') return false;
        const send = eventStream(asked);
        if ((asked.httpMethod === 'GET') === (where === 'on its own stream'))
          timer = setInterval(() => send({ jsonrpc: '2.0', id: nth++, method: 'ping' }), 20);
        return true;
      });
      await using client = connectTo(server.url, { requestTimeout: 500 });
      await client.connection.listTools();
      expect(await failureOf(client.connection.callTool('t', {}))).toMatchObject({ code: 'request-timeout' });
      clearInterval(timer);
      expect(nth).toBeGreaterThan(2);
    },
  );
});

describe('a POST that is never answered, while the answer to it comes on another stream', () => {
  it('costs no more than a connection for a moment: over HTTP+SSE', async () => {
    let send: ReturnType<typeof eventStream> | undefined;
    await using server = await startRawServer((asked) => {
      const { httpMethod, path, message, response } = asked;
      if (httpMethod === 'GET') {
        send = eventStream(asked);
        return response.write('event: endpoint\ndata: /messages\n\n');
      }
      if (path !== '/messages') return response.writeHead(405).end() && true;
      if (message.method === 'initialize')
        send?.(resultOf(asked, { protocolVersion: '2024-11-05', capabilities: { tools: {} } }));
      else if (message.id !== undefined) send?.(resultOf(asked, { tools: [], content: [] }));
      return message.method === 'tools/call' || (response.writeHead(202).end() && true);
    });
    await using client = connectTo(server.url, FEW_CONNECTIONS);
    for (let n = 0; n < 6; n++) await client.connection.callTool('t', {});
  });

  it('costs no more than a connection for a moment: on the stream of a GET', async () => {
    let send: ReturnType<typeof eventStream> | undefined;
    await using server = await startRawServer((asked) => {
      if (asked.httpMethod === 'GET') send = eventStream(asked);
      else if (asked.message.method === 'tools/call') send?.(resultOf(asked));
      else return false;
      return true;
    });
    await using client = connectTo(server.url, FEW_CONNECTIONS);
    for (let n = 0; n < 6; n++) await (await client.connection.callTool('t', {})).drained;
  });

  it('is no answer to what was not sent yet', async () => {
    let send: ReturnType<typeof eventStream> | undefined;
    const calls: Asked[] = [];
    await using server = await startRawServer((asked) => {
      if (asked.httpMethod === 'GET') send = eventStream(asked);
      else if (asked.message.method === 'tools/call') calls.push(asked);
      else return false;
      // The second call waits for the connection of the first.
      const { id } = asked.message;
      if (id !== undefined)
        send?.({ jsonrpc: '2.0', id: Number(id) + 1, result: { content: [], forged: true } });
      if (calls.length === 1 && id !== undefined) send?.(resultOf(asked));
      return true;
    });
    await using client = connectTo(server.url, {
      ...FEW_CONNECTIONS,
      pool: { ...DEFAULT_POOL, maxConnections: 1 },
    });
    await client.connection.listTools();
    const first = client.connection.callTool('t', {});
    const second = client.connection.callTool('t', {}, { timeout: 500 });
    await first;
    expect(await failureOf(second)).toMatchObject({ code: 'request-timeout' });
    expect(client.warnings().join()).toContain('was ignored');
  });
});

const FEW_CONNECTIONS = { requestTimeout: 3_000, pool: { ...DEFAULT_POOL, maxConnections: 2 } };

describe('a call whose stream broke off', () => {
  /** The first event has an id; each GET that takes it up is answered by the next of these. */
  const brokenOff = async (...answers: readonly ((call: Asked, get: Asked) => unknown)[]) => {
    let call: Asked | undefined;
    let nth = 0;
    const server = await startRawServer((asked) => {
      if (asked.headers['last-event-id'] !== undefined && call !== undefined) {
        answers[nth++]?.(call, asked);
        return true;
      }
      if (asked.message.method !== 'tools/call') return false;
      call = asked;
      asked.response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      asked.response.end('retry: 1\nid: a\ndata: \n\n');
      return true;
    });
    await using _ = server;
    await using client = connectTo(server.url, { requestTimeout: 3_000 });
    return (await client.connection.callTool('t', {})).result;
  };
  const answered = (id: string) => (call: Asked, get: Asked) => eventStream(get)(resultOf(call), id);

  it('is answered under an id that was there already', async () => {
    expect(await brokenOff(answered('a'))).toEqual({ content: [] });
  });

  it('is taken up again while the server believes that the stream is still open', async () => {
    const conflict = (_: Asked, { response }: Asked) => response.writeHead(409).end();
    expect(await brokenOff(conflict, conflict, answered('b'))).toEqual({ content: [] });
  });
});

it('a request of the server whose id could not be sent back as it came is not answered', async () => {
  const answers: unknown[] = [];
  const last = Promise.withResolvers<void>();
  await using server = await startRawServer((asked) => {
    if (asked.message.result !== undefined) {
      answers.push(asked.message.id);
      if (asked.message.id === -7) last.resolve();
    }
    if (asked.message.method !== 'tools/call') return false;
    eventStream(asked);
    for (const id of ['1e999', '1.5', '9007199254740993', '-7'])
      asked.response.write(`data: {"jsonrpc":"2.0","id":${id},"method":"ping"}\n\n`);
    asked.response.end(`data: ${JSON.stringify(resultOf(asked))}\n\n`);
    return true;
  });
  await using client = connectTo(server.url);
  await client.connection.callTool('t', {});
  await last.promise;
  expect(answers).toEqual([-7]);
  expect(client.warnings()).toHaveLength(3);
});
