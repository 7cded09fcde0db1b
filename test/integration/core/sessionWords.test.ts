import { describe, expect, it } from 'vitest';
import { connectTo, failureOf } from './connectTo.ts';
import { type Asked, answerWith, answerWithMessage, startRawServer } from './rawServer.ts';

const callsOf = (asked: readonly Asked[]) => asked.filter(({ message }) => message.method === 'tools/call');
const handshakes = (asked: readonly Asked[]) =>
  asked.filter(({ message }) => message.method === 'initialize');

/** A server with sessions that forgets the first one after so many calls, and tells it in its own way. */
async function startForgetful(tell: (asked: Asked) => void, { after = 1 } = {}) {
  let current = 0;
  const runs: unknown[] = [];
  const server = await startRawServer((asked) => {
    const { httpMethod, headers, message, response } = asked;
    if (httpMethod !== 'POST' || message.method === 'server/discover') return false;
    if (message.method === 'initialize') {
      current++;
      response.setHeader('Mcp-Session-Id', `s${current}`);
      return answerWith(asked, { protocolVersion: '2025-11-25', capabilities: { tools: {} } });
    }
    if (headers['mcp-session-id'] !== `s${current}` || (current === 1 && runs.length === after)) {
      tell(asked);
      return true;
    }
    if (message.method === 'tools/call') runs.push(message.params?.['arguments']);
    return false;
  });
  return { server, runs };
}

const WORDS = [
  'Session not found',
  'Session not found or expired',
  'Session has expired',
  'Session ID abc was not found',
  'Not Found: Session has been terminated',
  'Invalid session ID',
  'Invalid or missing session',
  'Bad Request: No valid session ID provided',
  'No active session',
  'No such session: abc',
  'Could not find session',
  'Unknown session',
  'The session does not exist',
  'Session is no longer valid',
  'session closed',
  'Mcp-Session-Id header is required',
  'Bad Request: Server not initialized',
  'Received request before initialization was complete',
  'No transport found for sessionId',
  'SSE connection not established',
];

describe('a session that the server tells as lost', () => {
  it.each(WORDS)('in the words "%s" is made anew, and the call made again, once', async (words) => {
    for (const status of [200, 400, 401, 403, 410, 500]) {
      const { server, runs } = await startForgetful((asked) => {
        asked.response.statusCode = status;
        answerWithMessage(asked, { id: null, error: { code: -32000, message: words } });
      });
      await using _ = server;
      await using client = connectTo(server.url);
      await client.connection.callTool('t', { n: 1 });
      await client.connection.callTool('t', { n: 2 });
      await client.connection.callTool('t', { n: 3 });
      expect(runs).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
      expect(handshakes(server.asked)).toHaveLength(2);
    }
  });

  it.each([401, 403, 500])('with %i and no JSON-RPC is made anew as well', async (status) => {
    const { server, runs } = await startForgetful(({ response }) => {
      response.writeHead(status, { 'Content-Type': 'text/plain' }).end('Session not found');
    });
    await using _ = server;
    await using client = connectTo(server.url);
    await client.connection.callTool('t', { n: 1 });
    await client.connection.callTool('t', { n: 2 });
    expect(runs).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('between two calls gives a list, too', async () => {
    const { server } = await startForgetful((asked) => {
      asked.response.statusCode = 500;
      answerWithMessage(asked, { error: { code: -32000, message: 'Session not found' } });
    });
    await using _ = server;
    await using client = connectTo(server.url);
    await client.connection.callTool('t', { n: 1 });
    expect(await client.connection.listTools({ refresh: true })).toHaveLength(1);
  });

  it('for ever is told, and asked for again no more than once a call', async () => {
    await using server = await startRawServer((asked) => {
      const { method } = asked.message;
      if (method !== 'tools/call' && method !== 'ping') return false;
      asked.response.statusCode = 500;
      return answerWithMessage(asked, { error: { code: -32000, message: 'Session not found' } });
    });
    await using client = connectTo(server.url);
    for (let n = 0; n < 3; n++)
      expect(await failureOf(client.connection.callTool('t', {}))).toMatchObject({ delivery: 'answered' });
    expect(callsOf(server.asked)).toHaveLength(6);
    expect(handshakes(server.asked)).toHaveLength(4);
  });
});

describe('a tool that says so of a session of its own', () => {
  it.each([200, 400, 401, 500])('with %i is not called again', async (status) => {
    await using server = await startRawServer((asked) => {
      if (asked.message.method !== 'tools/call') return false;
      asked.response.statusCode = status;
      return answerWithMessage(asked, { error: { code: -32000, message: 'Session not found: browser-7' } });
    });
    await using client = connectTo(server.url);
    const failure = await failureOf(client.connection.callTool('t', {}));
    expect(failure).toMatchObject({ delivery: 'answered', message: expect.stringContaining('browser-7') });
    expect(callsOf(server.asked)).toHaveLength(1);
    expect(handshakes(server.asked)).toHaveLength(1);
  });
});

it('a refusal that speaks of no session is no reason to look', async () => {
  for (const words of [
    'Internal error',
    'Tool t not found',
    'Obsession: 7 required',
    'Token expired',
    'Access denied',
  ]) {
    await using server = await startRawServer((asked) => {
      if (asked.message.method !== 'tools/call') return false;
      return answerWithMessage(asked, { error: { code: -32000, message: words } });
    });
    await using client = connectTo(server.url);
    await client.connection.listTools();
    expect((await failureOf(client.connection.callTool('t', {}))).message).toContain(words);
    expect(server.asked.map(({ message }) => message.method)).not.toContain('ping');
  }
});
