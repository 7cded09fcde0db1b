import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { messagesOf, RawClient } from '../lab/rawClient.ts';
import { startEverything } from './peers/everything.ts';
import type { Peer } from './peers/peer.ts';
import { startSdk1, startSdk1Json } from './peers/sdk1.ts';
import { startSdk2 } from './peers/sdk2.ts';

const LEGACY = '2025-11-25';
const INITIALIZE = {
  protocolVersion: LEGACY,
  capabilities: { elicitation: {} },
  clientInfo: { name: 'raw', version: '1.0.0' },
};

/** Shakes hands as a client of 2025-11-25 does; resolves with the headers for what follows. */
async function handshake(client: RawClient): Promise<Record<string, string>> {
  const answer = await client.post(INITIALIZE, 'initialize').end;
  expect(messagesOf(answer)[0]?.result).toMatchObject({ protocolVersion: LEGACY });
  const session = answer.headers['mcp-session-id'];
  const headers = {
    'MCP-Protocol-Version': LEGACY,
    ...(typeof session === 'string' && { 'Mcp-Session-Id': session }),
  };
  const initialized = await client.send({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers).end;
  expect(initialized.status).toBe(202);
  return headers;
}

const legacyPeers = [
  { start: startEverything, sum: 'get-sum', session: true, type: 'text/event-stream' },
  { start: startSdk1, sum: 'add', session: true, type: 'text/event-stream' },
  { start: startSdk1Json, sum: 'add', session: false, type: 'application/json' },
  { start: startSdk2, sum: 'add', session: false, type: 'text/event-stream' },
] as const;

describe.each(legacyPeers)('$start.name in the handshake era', ({ start, sum, session, type }) => {
  let peer: Peer;
  let client: RawClient;
  beforeAll(async () => {
    peer = await start();
    client = new RawClient(peer.url);
  });
  afterAll(async () => {
    client.close();
    await peer.close();
  });

  test('shakes hands, lists its tools and adds two numbers', async () => {
    const headers = await handshake(client);
    expect('Mcp-Session-Id' in headers).toBe(session);
    const list = await client.post({}, 'tools/list', headers).end;
    expect(messagesOf(list)[0]?.result).toHaveProperty(
      'tools',
      expect.arrayContaining([expect.objectContaining({ name: sum })]),
    );
    const call = await client.post({ name: sum, arguments: { a: 19, b: 23 } }, 'tools/call', headers).end;
    expect(call.headers['content-type']).toContain(type);
    expect(JSON.stringify(messagesOf(call)[0]?.result)).toContain('42');
  });
});

describe('SDK 1.x with sessions', () => {
  let peer: Peer;
  let client: RawClient;
  beforeAll(async () => {
    peer = await startSdk1();
    client = new RawClient(peer.url, { connections: 2 });
  });
  afterAll(async () => {
    client.close();
    await peer.close();
  });

  test('reports progress before the response', async () => {
    const headers = await handshake(client);
    const params = { name: 'slow', arguments: { steps: 2 }, _meta: { progressToken: 'p' } };
    const answer = await client.post(params, 'tools/call', headers).end;
    expect(messagesOf(answer)).toMatchObject([
      { method: 'notifications/progress', params: { progressToken: 'p', progress: 1, total: 2 } },
      { method: 'notifications/progress', params: { progressToken: 'p', progress: 2, total: 2 } },
      { result: { content: [{ text: 'done in 2 steps' }] } },
    ]);
  });

  test('asks the user on the stream of the call', async () => {
    const headers = await handshake(client);
    const call = client.post({ name: 'elicit', arguments: {} }, 'tools/call', headers);
    await call.until('elicitation/create');
    const question = JSON.parse(/data: (.*)\n/.exec(call.text())?.[1] ?? '');
    const result = { action: 'accept', content: { name: 'Ada' } };
    await client.send({ jsonrpc: '2.0', id: question.id, result }, headers).end;
    expect((await call.end).body).toContain('Hello, Ada!');
  });

  test('knows nothing of a session it did not make', async () => {
    const headers = { 'Mcp-Session-Id': 'made-up', 'MCP-Protocol-Version': LEGACY };
    expect((await client.post({}, 'tools/list', headers).end).status).toBe(404);
  });

  test('answers a modern request with 400 and no code that means anything', async () => {
    const { status, body } = await client.modern('server/discover').end;
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ error: { code: -32000 } });
  });
});

describe('SDK 2.x in the modern era', () => {
  let peer: Peer;
  let client: RawClient;
  beforeAll(async () => {
    peer = await startSdk2();
    client = new RawClient(peer.url);
  });
  afterAll(async () => {
    client.close();
    await peer.close();
  });

  test('is discovered, lists its tools and adds two numbers', async () => {
    const discovered = await client.modern('server/discover').end;
    expect(messagesOf(discovered)[0]?.result).toMatchObject({ supportedVersions: ['2026-07-28'] });
    const listed = await client.modern('tools/list').end;
    expect(messagesOf(listed)[0]?.result).toHaveProperty('tools.length', 4);
    const called = await client.call('add', { a: 19, b: 23 }).end;
    expect(messagesOf(called)[0]?.result).toMatchObject({ structuredContent: { sum: 42 } });
  });

  test('turns its answer into a stream when it reports progress', async () => {
    const params = { name: 'slow', arguments: { steps: 1 }, _meta: { progressToken: 7 } };
    const answer = await client.modern('tools/call', params).end;
    expect(answer.headers['content-type']).toContain('text/event-stream');
    expect(messagesOf(answer)).toMatchObject([
      { params: { progress: 1 } },
      { result: { resultType: 'complete' } },
    ]);
  });

  test('asks the user with an input_required result', async () => {
    const _meta = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
    const first = await client.modern('tools/call', { name: 'elicit', arguments: {}, _meta }).end;
    expect(messagesOf(first)[0]?.result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { who: { method: 'elicitation/create' } },
    });
    const inputResponses = { who: { action: 'accept', content: { name: 'Ada' } } };
    const second = await client.modern('tools/call', { name: 'elicit', arguments: {}, _meta, inputResponses })
      .end;
    expect(second.body).toContain('Hello, Ada!');
  });
});
