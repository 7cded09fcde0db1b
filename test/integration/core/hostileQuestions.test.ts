import { describe, expect, it } from 'vitest';
import { DEFAULT_DRAIN } from '../../../src/core/config/serverConfig.ts';
import type { ElicitResult } from '../../../src/core/mcp/mcpTypes.ts';
import { connectTo, failureOf } from './connectTo.ts';
import { type Asked, answerWith, answerWithMessage, eventStream, startRawServer } from './rawServer.ts';

const FORM = { mode: 'form', message: 'Delete it?', requestedSchema: { type: 'object', properties: {} } };

describe('a question of a session that was lost', () => {
  it('is withdrawn, and what the user says to it is not told to the next session', async () => {
    let session = 's1';
    await using server = await startRawServer((asked) => {
      const given = asked.headers['mcp-session-id'];
      if (given !== undefined && given !== session) return asked.response.writeHead(404).end() && true;
      if (asked.httpMethod !== 'GET') return false;
      const send = eventStream(asked);
      if (given === 's1') send({ jsonrpc: '2.0', id: 0, method: 'elicitation/create', params: FORM });
      return true;
    });
    const question = Promise.withResolvers<(answer: ElicitResult) => void>();
    let isWithdrawn = false;
    const late = Promise.withResolvers<void>();
    await using client = connectTo(
      server.url,
      {},
      {
        onElicit: (_, signal) => {
          signal.addEventListener('abort', () => {
            isWithdrawn = true;
          });
          return new Promise((resolve) => question.resolve(resolve));
        },
        onTrace: (event) =>
          event.kind === 'warning' &&
          /the session of that request is over/.test(event.message) &&
          late.resolve(),
      },
    );
    await client.connection.listTools();
    const answer = await question.promise;
    session = 's2';
    await client.connection.callTool('t', {});
    expect(isWithdrawn).toBe(true);
    answer({ action: 'accept', content: {} });
    await late.promise;
    await client.connection.ping();
    expect(server.asked.filter(({ message }) => message.result !== undefined)).toEqual([]);
  });
});

describe('a call that is cancelled', () => {
  it('is over at once, also while the user is sent to a page and does not say that they went', async () => {
    await using server = await startRawServer((asked) => {
      if (asked.message.method !== 'tools/call') return false;
      const elicitation = { mode: 'url', url: 'https://example.com/', message: 'Go', elicitationId: 'e' };
      const error = { code: -32042, message: 'go', data: { elicitations: [elicitation] } };
      return answerWithMessage(asked, { error });
    });
    const asked = Promise.withResolvers<void>();
    const onElicit = () => {
      asked.resolve();
      return new Promise<never>(() => undefined);
    };
    await using client = connectTo(server.url, {}, { onElicit });
    const abort = new AbortController();
    const call = client.connection.callTool('t', {}, { signal: abort.signal });
    await asked.promise;
    abort.abort();
    expect(await failureOf(call)).toMatchObject({ code: 'cancelled' });
  });

  it('is over at once, also while a session is started in place of one that was lost', async () => {
    let isLost = false;
    const abort = new AbortController();
    await using server = await startRawServer(({ headers, message, response }) => {
      if (!isLost) return false;
      if (headers['mcp-session-id'] === 's1') return response.writeHead(404).end() && true;
      if (message.method === 'initialize') abort.abort();
      // And never answers it.
      return true;
    });
    await using client = connectTo(server.url);
    await client.connection.listTools();
    isLost = true;
    const call = client.connection.callTool('t', {}, { signal: abort.signal });
    expect(await failureOf(call)).toMatchObject({ code: 'cancelled' });
  });

  it('asks the user nothing more of what it still had to ask', async () => {
    const inputRequests = Object.fromEntries(
      ['a', 'b', 'c'].map((key) => [key, { method: 'elicitation/create', params: FORM }]),
    );
    await using server = await startRawServer(
      (asked) =>
        asked.message.method === 'tools/call' &&
        answerWith(asked, { resultType: 'input_required', inputRequests }),
      { era: 'modern' },
    );
    const abort = new AbortController();
    let questions = 0;
    const onElicit = async (): Promise<ElicitResult> => {
      questions++;
      abort.abort();
      return { action: 'cancel' };
    };
    await using client = connectTo(server.url, {}, { onElicit });
    const call = client.connection.callTool('t', {}, { signal: abort.signal });
    expect(await failureOf(call)).toMatchObject({ code: 'cancelled' });
    await client.connection.ping();
    expect(questions).toBe(1);
  });

  it('asks the user nothing that its server asks afterwards', async () => {
    const abort = new AbortController();
    let send: ReturnType<typeof eventStream> | undefined;
    await using server = await startRawServer((asked) => {
      const { id, result, method } = asked.message;
      if (method === 'notifications/cancelled')
        send?.({ jsonrpc: '2.0', id: 'late', method: 'elicitation/create', params: FORM });
      // By then the client reads the stream.
      if (id === 'ping' && result !== undefined) abort.abort();
      if (method !== 'tools/call') return false;
      send = eventStream(asked);
      send({ jsonrpc: '2.0', id: 'ping', method: 'ping' });
      return true;
    });
    let questions = 0;
    const ignored = Promise.withResolvers<void>();
    await using client = connectTo(
      server.url,
      { drain: { ...DEFAULT_DRAIN, timeout: 5_000 } },
      {
        onElicit: async () => {
          questions++;
          return { action: 'cancel' };
        },
        onTrace: (event) => event.kind === 'warning' && /is over/.test(event.message) && ignored.resolve(),
      },
    );
    await client.connection.listTools();
    const call = client.connection.callTool('t', {}, { signal: abort.signal });
    expect(await failureOf(call)).toMatchObject({ code: 'cancelled' });
    await ignored.promise;
    expect(questions).toBe(0);
  });
});

it('an input whose key is a name of JavaScript is answered like any other', async () => {
  const INPUT = `{"__proto__":{"method":"elicitation/create","params":${JSON.stringify(FORM)}}}`;
  const calls: Asked[] = [];
  await using server = await startRawServer(
    (asked) => {
      if (asked.message.method !== 'tools/call') return false;
      calls.push(asked);
      return calls.length > 1
        ? answerWith(asked, { content: [] })
        : answerWithMessage(asked, {
            result: { resultType: 'input_required', inputRequests: JSON.parse(INPUT) },
          });
    },
    { era: 'modern' },
  );
  await using client = connectTo(server.url, {}, { onElicit: async () => ({ action: 'decline' }) });
  await client.connection.callTool('t', {});
  expect(JSON.stringify(calls[1]?.message.params?.['inputResponses'])).toBe(
    '{"__proto__":{"action":"decline"}}',
  );
});
