import { request } from 'node:https';
import { describe, expect, test } from 'vitest';
import type { Message } from '../lab/jsonrpc.ts';
import { type LabOptions, refusingUrl, startLab } from '../lab/lab.ts';
import type { ToModern } from '../lab/legacy.ts';
import { resumable } from '../lab/modes/sessions.ts';
import { messagesOf, type RawAnswer, RawClient } from '../lab/rawClient.ts';
import { type TlsKind, tlsIdentity } from '../lab/tls.ts';
import { text } from '../lab/tools.ts';

const ELICITS = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };

async function start(options: LabOptions = {}, connections = 1) {
  const lab = await startLab(options);
  const client = new RawClient(lab.url, { connections, ...(options.tls && { ca: options.tls.ca }) });
  const close = async () => {
    client.close();
    await lab.close();
  };
  return { lab, client, [Symbol.asyncDispose]: close };
}

function errorOf({ body }: RawAnswer): { code: number; message: string; data?: unknown } {
  return JSON.parse(body).error;
}

/** A session of a client that elicits: the headers of what follows. */
async function handshake(client: RawClient): Promise<Record<string, string>> {
  const capabilities = { elicitation: {} };
  const answer = await client.post({ protocolVersion: '2025-11-25', capabilities }, 'initialize').end;
  const headers = {
    'MCP-Protocol-Version': '2025-11-25',
    'Mcp-Session-Id': String(answer.headers['mcp-session-id']),
  };
  expect(
    (await client.send({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers).end).status,
  ).toBe(202);
  return headers;
}

describe('the modern era', () => {
  test('is discovered, and lists its tools for as long as it says', async () => {
    await using it = await start({ listTtlMs: 5_000 });
    const [discovered] = messagesOf(await it.client.modern('server/discover').end);
    expect(discovered?.result).toMatchObject({ resultType: 'complete', supportedVersions: ['2026-07-28'] });
    const [listed] = messagesOf(await it.client.modern('tools/list').end);
    expect(listed?.result).toMatchObject({ ttlMs: 5_000, cacheScope: 'private' });
    expect(listed?.result).toHaveProperty('tools.0.name', 'say_hello');
  });

  test('runs what is called, and counts it', async () => {
    await using it = await start();
    const [added] = messagesOf(await it.client.call('add', { a: 19, b: 23 }).end);
    expect(added?.result).toMatchObject({ structuredContent: { sum: 42 } });
    const [failed] = messagesOf(await it.client.call('fail').end);
    expect(failed?.result).toMatchObject({ isError: true });
    const [unknown] = messagesOf(await it.client.call('nothing').end);
    expect(unknown?.error).toMatchObject({ code: -32602 });
    expect(Object.fromEntries(it.lab.counts.calls)).toEqual({ add: 1, fail: 1 });
    expect(it.lab.received[0]).toMatchObject({
      httpMethod: 'POST',
      path: '/mcp',
      headers: { 'mcp-method': 'tools/call', 'mcp-name': 'add' },
      message: { method: 'tools/call', params: { arguments: { a: 19, b: 23 } } },
    });
  });

  test.each<[string, number, number, Record<string, string>]>([
    ['a method that differs from its header', 400, -32020, { 'Mcp-Method': 'tools/list' }],
    ['a tool that differs from its header', 400, -32020, { 'Mcp-Name': 'other' }],
    ['a revision that differs from its header', 400, -32020, { 'MCP-Protocol-Version': '2025-11-25' }],
    ['an answer that may not be JSON', 406, -32000, { Accept: 'text/event-stream' }],
    ['an answer that may not be a stream', 406, -32000, { Accept: 'application/json' }],
    ['a body that is not called JSON', 415, -32000, { 'Content-Type': 'text/plain' }],
  ])('refuses %s', async (_what, status, code, headers) => {
    await using it = await start();
    const answer = await it.client.modern('tools/call', { name: 'say_hello' }, headers).end;
    expect([answer.status, errorOf(answer).code]).toEqual([status, code]);
    expect(it.lab.counts.calls.size).toBe(0);
  });

  test('takes a name in Base64', async () => {
    await using it = await start();
    const encoded = `=?base64?${Buffer.from('say_hello').toString('base64')}?=`;
    const answer = await it.client.modern('tools/call', { name: 'say_hello' }, { 'Mcp-Name': encoded }).end;
    expect(answer.status).toBe(200);
  });

  test('asks for a header for each annotated argument, at any depth', async () => {
    const region = { type: 'string', 'x-mcp-header': 'Region' };
    const inputSchema = {
      type: 'object',
      properties: { at: { type: 'object', properties: { region } } },
    } as const;
    await using it = await start({
      tools: [{ definition: { name: 'deploy', inputSchema }, run: async () => text('ok') }],
    });
    const deploy = (args: Record<string, unknown>, headers = {}) =>
      it.client.modern('tools/call', { name: 'deploy', arguments: args }, headers).end;
    expect(errorOf(await deploy({ at: { region: 'eu' } }))).toMatchObject({
      code: -32020,
      message: 'Header mismatch: Mcp-Param-Region header value (none) does not match body value "eu"',
    });
    expect((await deploy({ at: { region: 'eu' } }, { 'Mcp-Param-Region': 'eu' })).status).toBe(200);
    expect((await deploy({ at: { region: null } })).status).toBe(200);
    expect((await deploy({}, { 'Mcp-Param-Region': 'eu' })).status).toBe(400);
  });

  test('names its revisions to whoever speaks another, or shakes hands', async () => {
    await using it = await start({ versions: { modern: ['2027-01-01'] } });
    for (const answer of [
      await it.client.modern('tools/list').end,
      await it.client.post({ protocolVersion: '2025-11-25' }, 'initialize').end,
    ]) {
      expect(answer.status).toBe(400);
      expect(errorOf(answer)).toMatchObject({ code: -32022, data: { supported: ['2027-01-01'] } });
    }
  });

  test('has no method that it does not know, no GET and no DELETE', async () => {
    await using it = await start();
    const unknown = await it.client.modern('no/such/method').end;
    expect([unknown.status, errorOf(unknown).code]).toEqual([404, -32601]);
    expect((await it.client.http('GET', { Accept: 'text/event-stream' }).end).status).toBe(405);
    expect((await it.client.http('DELETE', {}).end).status).toBe(405);
  });

  test('keeps a subscription open, tells what was asked for, and ends it with a response', async () => {
    await using it = await start({}, 2);
    const listen = it.client.modern('subscriptions/listen', { notifications: { toolsListChanged: true } });
    await listen.until('notifications/subscriptions/acknowledged');
    await it.lab.waitFor(({ counts }) => counts.streams === 1);
    await it.lab.notify('notifications/prompts/list_changed');
    await it.lab.notify('notifications/tools/list_changed');
    it.lab.endStreams();
    const _meta = { 'io.modelcontextprotocol/subscriptionId': 1 };
    expect(messagesOf(await listen.end)).toMatchObject([
      { method: 'notifications/subscriptions/acknowledged', params: { _meta } },
      { method: 'notifications/tools/list_changed', params: { _meta } },
      { id: 1, result: { resultType: 'complete', _meta } },
    ]);
    expect(it.lab.counts.streams).toBe(0);
  });

  test('asks the user with input_required, and wants its state back once, under another id', async () => {
    await using it = await start();
    const ask = (more: Message['params'] = {}, id = 0) => {
      const headers = { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': 'ask' };
      const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', ...ELICITS };
      const params = { name: 'ask', _meta, ...more };
      return it.client.send({ jsonrpc: '2.0', id, method: 'tools/call', params }, headers).end;
    };
    const [question] = messagesOf(await ask());
    expect(question?.result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { who: { method: 'elicitation/create', params: { mode: 'form' } } },
      requestState: 'state-1',
    });
    const inputResponses = { who: { action: 'accept', content: { name: 'Ada' } } };
    expect((await ask({ inputResponses, requestState: 'state-1' }, 1)).body).toContain('Hello, Ada!');
    expect((await ask({ inputResponses, requestState: 'state-1' }, 2)).body).toContain('-32602');
    await ask();
    expect((await ask({ inputResponses, requestState: 'state-2' })).body).toContain('-32602');
  });

  test('does not ask a client that cannot answer', async () => {
    await using it = await start();
    const answer = await it.client.call('ask').end;
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({
      code: -32021,
      data: { requiredCapabilities: { elicitation: {} } },
    });
  });
});

describe('tools that take their time', () => {
  test('slow: reports progress before the response', async () => {
    await using it = await start();
    const _meta = { progressToken: 'p' };
    const params = { name: 'slow', arguments: { steps: 2, everyMs: 0 }, _meta };
    expect(messagesOf(await it.client.modern('tools/call', params).end)).toMatchObject([
      { params: { progressToken: 'p', progress: 1, total: 2, message: 'step 1 of 2' } },
      { params: { progressToken: 'p', progress: 2, total: 2 } },
      { result: { content: [{ text: 'done in 2 steps' }] } },
    ]);
  });

  test('slow: no progress for who did not ask, or takes JSON', async () => {
    await using it = await start();
    const unasked = await it.client.call('slow', { steps: 1, everyMs: 0 }).end;
    expect(messagesOf(unasked)).toHaveLength(1);
    it.lab.use('json');
    const params = { name: 'slow', arguments: { steps: 1, everyMs: 0 }, _meta: { progressToken: 1 } };
    expect(messagesOf(await it.client.modern('tools/call', params).end)).toHaveLength(1);
  });

  test('gated: answers when released', async () => {
    await using it = await start();
    const call = it.client.call('gated');
    await it.lab.waitFor(({ counts }) => counts.held === 1);
    it.lab.release();
    expect((await call.end).body).toContain('released');
  });

  test('gated: a client that hangs up has cancelled', async () => {
    await using it = await start();
    const call = it.client.call('gated');
    await it.lab.waitFor(({ counts }) => counts.held === 1);
    call.abort();
    await it.lab.waitFor(({ counts }) => counts.cancelled === 1 && counts.held === 0);
  });
});

describe('the handshake era', () => {
  test('makes a session, wants it on every request, and names it on every answer', async () => {
    await using it = await start({ era: 'legacy' });
    const headers = await handshake(it.client);
    expect(headers).toMatchObject({ 'Mcp-Session-Id': 'lab-session-1' });
    const answer = await it.client.post({ name: 'add', arguments: { a: 1, b: 2 } }, 'tools/call', headers)
      .end;
    expect(answer.headers['mcp-session-id']).toBe('lab-session-1');
    const [added] = messagesOf(answer);
    expect(added?.result).toMatchObject({ structuredContent: { sum: 3 } });
    expect(added?.result).not.toHaveProperty('resultType');
    expect((await it.client.post({}, 'tools/list').end).status).toBe(400);
  });

  test('offers its own revision to whoever asks for one it does not have', async () => {
    await using it = await start({ era: 'legacy', versions: { legacy: ['2025-03-26'] } });
    const [answer] = messagesOf(await it.client.post({ protocolVersion: '2025-11-25' }, 'initialize').end);
    expect(answer?.result).toMatchObject({ protocolVersion: '2025-03-26' });
  });

  test('a session ended by DELETE, or forgotten, is answered with 404', async () => {
    await using it = await start({ era: 'legacy' });
    const first = await handshake(it.client);
    expect((await it.client.http('DELETE', first).end).status).toBe(200);
    expect((await it.client.post({}, 'tools/list', first).end).status).toBe(404);
    const second = await handshake(it.client);
    it.lab.sessions.forget();
    expect((await it.client.post({}, 'tools/list', second).end).status).toBe(404);
  });

  test('session-lost: 404 once, and nothing ran', async () => {
    await using it = await start({ era: 'legacy', mode: 'session-lost' });
    const call = (headers: Record<string, string>) =>
      it.client.post({ name: 'add', arguments: { a: 1, b: 2 } }, 'tools/call', headers).end;
    const lost = await handshake(it.client);
    expect((await call(lost)).status).toBe(404);
    expect((await call(lost)).status).toBe(404);
    expect((await call(await handshake(it.client))).status).toBe(200);
    expect(it.lab.counts.calls.get('add')).toBe(1);
  });

  test('session-anew: an answer names another session, and both are valid', async () => {
    await using it = await start({ era: 'legacy', mode: 'session-anew' });
    const headers = await handshake(it.client);
    const answer = await it.client.post({ name: 'say_hello' }, 'tools/call', headers).end;
    expect(answer.headers['mcp-session-id']).toBe('lab-session-2');
    for (const session of it.lab.sessions.ids) {
      const named = { ...headers, 'Mcp-Session-Id': session };
      expect((await it.client.post({}, 'tools/list', named).end).status).toBe(200);
    }
  });

  test('resumable: the stream ends before the response, which a GET then fetches', async () => {
    await using it = await start({ era: 'legacy', mode: resumable({ retryMs: 5 }) });
    const headers = await handshake(it.client);
    const cut = await it.client.post({ name: 'say_hello' }, 'tools/call', headers).end;
    const [, id = '', retry] = /^id: (\S+)\nretry: (\d+)\ndata: \n\n$/.exec(cut.body) ?? [];
    expect(retry).toBe('5');
    const resumed = await it.client.http('GET', { ...headers, 'Last-Event-ID': id }).end;
    expect(messagesOf(resumed)).toMatchObject([{ id: 2, result: { content: [{ text: 'Hello, world!' }] } }]);
  });

  test('speaks unasked on a GET stream, one for each session', async () => {
    await using it = await start({ era: 'legacy' }, 2);
    const headers = { ...(await handshake(it.client)), Accept: 'text/event-stream' };
    const stream = it.client.http('GET', headers);
    await it.lab.waitFor(({ counts }) => counts.streams === 1);
    expect((await it.client.http('GET', headers).end).status).toBe(409);
    await it.lab.notify('notifications/tools/list_changed');
    await stream.until('notifications/tools/list_changed');
    it.lab.endStreams();
    expect((await stream.end).status).toBe(200);
  });

  test('has no GET stream where it is told so, and no session', async () => {
    await using it = await start({ era: 'legacy', serverStream: false, sessions: false });
    const initialized = await it.client.post({ protocolVersion: '2025-11-25' }, 'initialize').end;
    expect(initialized.headers['mcp-session-id']).toBeUndefined();
    expect((await it.client.post({}, 'tools/list').end).status).toBe(200);
    expect((await it.client.http('GET', { Accept: 'text/event-stream' }).end).status).toBe(405);
  });

  test('asks the user with a request of its own on the stream of the call', async () => {
    await using it = await start({ era: 'legacy' }, 2);
    const headers = await handshake(it.client);
    const call = it.client.post({ name: 'ask' }, 'tools/call', headers);
    await call.until('"method":"elicitation/create"');
    const result = { action: 'accept', content: { name: 'Ada' } };
    expect((await it.client.send({ jsonrpc: '2.0', id: 'lab-1', result }, headers).end).status).toBe(202);
    expect((await call.end).body).toContain('Hello, Ada!');
  });

  test('stops a call on notifications/cancelled, and stays silent about it', async () => {
    await using it = await start({ era: 'legacy' }, 2);
    const headers = await handshake(it.client);
    const call = it.client.post({ name: 'gated' }, 'tools/call', headers);
    await it.lab.waitFor(({ counts }) => counts.held === 1);
    const cancelled = {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 2 },
    } as const;
    await it.client.send(cancelled, headers).end;
    // The call is over; its stream is held again, and says nothing.
    await it.lab.waitFor(({ counts }) => counts.cancelled === 1 && counts.held === 1);
    it.lab.release();
    expect(messagesOf(await call.end)).toEqual([]);
  });

  test.each<[ToModern, number, string]>([
    ['sdk-1', 400, '"code":-32000'],
    ['404-empty', 404, ''],
    ['405', 405, ''],
    ['200-method-not-found', 200, '"code":-32601'],
    ['500', 500, 'Internal Server Error'],
    ['404-html', 404, '<!DOCTYPE html>'],
  ])('tells a modern request %s, and shakes hands all the same', async (toModern, status, body) => {
    await using it = await start({ era: 'legacy', toModern });
    const answer = await it.client.modern('server/discover').end;
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(body);
    await handshake(it.client);
  });

  test('or tells it nothing at all', async () => {
    await using it = await start({ era: 'legacy', toModern: 'silence' }, 2);
    const ignored = it.client.modern('server/discover');
    await it.lab.waitFor(({ counts }) => counts.held === 1);
    await handshake(it.client);
    ignored.abort();
  });
});

test('a dual server serves each request in the era it speaks', async () => {
  await using it = await start({ era: 'dual' });
  const headers = await handshake(it.client);
  const [legacy] = messagesOf(await it.client.post({ name: 'say_hello' }, 'tools/call', headers).end);
  const [modern] = messagesOf(await it.client.call('say_hello').end);
  expect(legacy?.result).not.toHaveProperty('resultType');
  expect(modern?.result).toHaveProperty('resultType', 'complete');
});

describe('TLS', () => {
  test('a private CA: who trusts it is served, on one connection', async () => {
    await using it = await start({ tls: await tlsIdentity('private-ca') });
    for (let n = 0; n < 2; n += 1) expect((await it.client.call('say_hello').end).status).toBe(200);
    expect(it.lab.url).toMatch(/^https:/);
    expect(it.lab.counts).toMatchObject({ accepted: 1, requests: 2 });
  });

  test('a reset is a reset over TLS too', async () => {
    await using it = await start({ mode: 'reset', tls: await tlsIdentity('private-ca') });
    await expect(it.client.call('say_hello').end).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test.each<[TlsKind, boolean, string]>([
    ['private-ca', false, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['self-signed', false, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['expired', true, 'CERT_HAS_EXPIRED'],
    ['wrong-host', true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('%s (CA trusted: %s) is refused with %s', async (kind, trusted, code) => {
    const tls = await tlsIdentity(kind);
    await using lab = await startLab({ tls });
    const failed = await new Promise((resolve) => {
      request(lab.url, { agent: false, ...(trusted && { ca: tls.ca }) })
        .on('error', resolve)
        .end();
    });
    expect(failed).toMatchObject({ code });
    await lab.waitFor(({ counts }) => counts.closed === 1);
    expect(lab.counts).toMatchObject({ accepted: 1, requests: 0 });
  });

  test('an identity is made once', async () => {
    expect(await tlsIdentity('expired')).toBe(await tlsIdentity('expired'));
  });
});

describe('the lab itself', () => {
  test('counts the connections that are open at a time', async () => {
    await using it = await start({}, 3);
    const calls = [1, 2, 3].map(() => it.client.call('gated'));
    await it.lab.waitFor(({ counts }) => counts.held === 3);
    it.lab.release();
    await Promise.all(calls.map((call) => call.end));
    expect(it.lab.counts).toMatchObject({ accepted: 3, maxOpen: 3 });
  });

  test('closes every connection on demand, and serves the next', async () => {
    await using it = await start();
    const call = it.client.call('gated');
    await it.lab.waitFor(({ counts }) => counts.held === 1);
    it.lab.disconnect();
    await expect(call.end).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await it.client.call('say_hello').end).status).toBe(200);
  });

  test('answers only the requests it is told to in its way', async () => {
    await using it = await start({ mode: '503', on: ['tools/list'] });
    expect((await it.client.call('say_hello').end).status).toBe(200);
    expect((await it.client.modern('tools/list').end).status).toBe(503);
    it.lab.use('500', 'all');
    expect((await it.client.modern('server/discover').end).status).toBe(500);
  });

  test('keeps no requests where it is told so', async () => {
    await using it = await start({ record: false });
    await it.client.call('say_hello').end;
    expect(it.lab.received).toEqual([]);
    expect(it.lab.counts.requests).toBe(1);
  });

  test('says what it counts when it waits in vain', async () => {
    await using it = await start();
    await expect(it.lab.waitFor(({ counts }) => counts.accepted === 1, 1)).rejects.toThrow(
      /waited 1 ms for .*accepted === 1.* counts \{"accepted":0/,
    );
  });

  test('refuses what is not HTTP', async () => {
    await using it = await start();
    const { status, body } = await it.client.http('POST', { 'Transfer-Encoding': 'chunked' }).end;
    expect(status).toBe(400);
    expect(body).toContain('Content-Length only');
  });

  test('gives a URL where nobody listens', async () => {
    const client = new RawClient(await refusingUrl());
    await expect(client.call('say_hello').end).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
