import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import type { CallOptions } from '../../../src/core/servers/callOutcome.ts';
import type { CallRecord } from '../../../src/core/servers/callRecord.ts';
import { McpServer } from '../../../src/core/servers/mcpServer.ts';
import type { ServerCallbacks } from '../../../src/core/servers/serverCallbacks.ts';
import type { TraceEvent } from '../../../src/core/trace/traceEvent.ts';
import { startLab } from '../../lab/lab.ts';
import { type Connected, connectTo, failureOf, serverConfig } from './connectTo.ts';
import {
  type Asked,
  answerWith,
  eventStream,
  type RawServer,
  resultOf,
  startRawServer,
} from './rawServer.ts';

const IDEMPOTENT = { name: 't', inputSchema: {}, annotations: { idempotentHint: true } };
const ELICIT = { message: 'Who?', requestedSchema: { type: 'object', properties: {} } };

/** What a request is for, as its server sees it. */
const what = ({ httpMethod, path, message }: Asked) =>
  `${httpMethod} ${path} ${message.method ?? (message.result === undefined ? '' : 'an answer')}`.trim();

const isOf = (call: number) => (event: TraceEvent) => 'call' in event && event.call === call;

/** HTTP method and path of the requests with these numbers. */
const sent = ({ trace }: Connected, numbers: readonly number[]) =>
  numbers.map((number) => {
    const [request, ...others] = trace.flatMap((event) =>
      event.kind === 'http-request' && event.request === number ? [event] : [],
    );
    expect(others).toEqual([]);
    return request && `${request.method} ${new URL(request.url).pathname}`;
  });

/** Each request that was told of ended once, and nothing of it was told after that. */
function expectEachToEndOnce({ trace }: Connected): void {
  const numbers = new Set(trace.flatMap((event) => ('request' in event ? [event.request] : [])));
  expect(numbers.size).toBeGreaterThan(0);
  for (const number of numbers) {
    const kinds = trace.flatMap((event) =>
      'request' in event && event.request === number ? [event.kind] : [],
    );
    expect(kinds.filter((kind) => kind === 'http-end')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'http-request')).toHaveLength(1);
    expect(kinds.at(-1)).toBe('http-end');
  }
}

/** Calls `t`, to the end of its drain, and gives all records of it that were told. */
async function called(client: Connected, options: CallOptions = {}): Promise<CallRecord[]> {
  const records: CallRecord[] = [];
  const outcome = client.connection.callTool('t', {}, { ...options, onRecord: (one) => records.push(one) });
  await outcome.then(
    ({ drained }) => drained,
    () => undefined,
  );
  return records;
}

/** The HTTP requests of one call that its server got, and what its record and its trace tell of them. */
async function joined(
  answer: (asked: Asked, calls: number) => unknown,
  {
    tools = [IDEMPOTENT],
    callbacks = {},
    options = () => ({}),
  }: {
    readonly tools?: readonly unknown[];
    readonly callbacks?: Partial<ServerCallbacks>;
    readonly options?: (server: RawServer) => CallOptions;
  } = {},
) {
  let calls = 0;
  const server = await startRawServer(
    (asked) => {
      if (asked.message.method === 'tools/call') calls++;
      return answer(asked, calls);
    },
    { tools },
  );
  await using client = connectTo(server.url, {}, callbacks);
  await client.connection.listTools();
  const before = server.asked.length;
  const records = await called(client, options(server));
  const got = () =>
    server.asked
      .slice(before)
      .filter(({ httpMethod, headers }) => httpMethod !== 'GET' || headers['last-event-id'] !== undefined);
  // What its caller did not wait for may be on its way.
  await expect.poll(() => got().length).toBe(records[0]?.requests.length);
  const ofCall = got();
  await client.connection.close();
  await server[Symbol.asyncDispose]();
  expectEachToEndOnce(client);
  const [record] = records;
  if (record === undefined) throw new Error('no record was told');
  const told = new Set(
    client.trace.filter(isOf(record.id)).flatMap((event) => ('request' in event ? [event.request] : [])),
  );
  expect([...told].sort((a, b) => a - b)).toEqual(record.requests);
  expect(sent(client, record.requests)).toEqual(
    ofCall.map(({ httpMethod, path }) => `${httpMethod} ${path}`),
  );
  expect(client.trace.find(({ kind }) => kind === 'call')).toMatchObject({
    call: record.id,
    requests: record.requests,
  });
  return { records, got: ofCall.map(what), client };
}

describe('the record of a call', () => {
  it('names its one HTTP request, and is told again with its drain', async () => {
    const { records, got } = await joined(() => undefined, {
      options: () => ({ initiator: { kind: 'extension', id: 'a.b' } }),
    });
    expect(got).toEqual(['POST /mcp tools/call']);
    const record = {
      id: 1,
      server: 'lab',
      tool: 't',
      title: 'tools/call t',
      initiator: { kind: 'extension', id: 'a.b' },
      outcome: 'ok',
      asked: false,
      wire: { status: 200, body: 'json', httpVersion: '1.1' },
    };
    expect(records).toMatchObject([record, { ...record, drain: { outcome: 'reused' } }]);
    expect(records[0]).not.toHaveProperty('drain');
    expect(Math.abs(Date.now() - (records[0]?.startedAt ?? 0))).toBeLessThan(60_000);
  });

  it('names both requests of a call that was redirected', async () => {
    const { got } = await joined((asked, calls) => {
      if (asked.message.method !== 'tools/call' || calls > 1) return;
      asked.response.writeHead(307, { Location: '/moved' }).end();
      return true;
    });
    expect(got).toEqual(['POST /mcp tools/call', 'POST /moved tools/call']);
  });

  it('names the GET that asked for the rest of its stream', async () => {
    let broken: Asked | undefined;
    const { got } = await joined((asked) => {
      if (asked.message.method === 'tools/call') {
        broken = asked;
        asked.response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        asked.response.end('id: 1\nretry: 10\ndata:\n\n');
        return true;
      }
      if (asked.headers['last-event-id'] === undefined || broken === undefined) return;
      eventStream(asked)(resultOf(broken));
      asked.response.end();
      return true;
    });
    expect(got).toEqual(['POST /mcp tools/call', 'GET /mcp']);
  });

  it('names both attempts of a call that was lost and made again', async () => {
    const { got } = await joined((asked, calls) => {
      if (asked.message.method !== 'tools/call' || calls > 1) return;
      asked.response.destroy();
      return true;
    });
    expect(got).toEqual(['POST /mcp tools/call', 'POST /mcp tools/call']);
  });

  it('names the answer to what the server asked within it', async () => {
    let say: ReturnType<typeof eventStream> | undefined;
    let call: Asked | undefined;
    const { got, records } = await joined(
      (asked) => {
        if (asked.message.method === 'tools/call') {
          call = asked;
          say = eventStream(asked);
          say({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params: ELICIT });
          return true;
        }
        if (asked.message.result === undefined || call === undefined) return;
        say?.(resultOf(call));
        call.response.end();
        return;
      },
      { callbacks: { onElicit: async () => ({ action: 'decline' }) } },
    );
    expect(got).toEqual(['POST /mcp tools/call', 'POST /mcp an answer']);
    expect(records).toMatchObject([{ asked: true }, { asked: true }]);
  });

  it('names the cancellation of a call that its caller left, and why it failed', async () => {
    const abort = new AbortController();
    const { got, records } = await joined(
      (asked) => {
        if (asked.message.method !== 'tools/call') return;
        setTimeout(() => abort.abort(), 20);
        return true;
      },
      { options: () => ({ signal: abort.signal }) },
    );
    expect(got).toEqual(['POST /mcp tools/call', 'POST /mcp notifications/cancelled']);
    expect(records).toMatchObject([{ outcome: 'cancelled', error: { code: 'cancelled' } }]);
  });

  it('tells calls that run at once apart, by their ids and their requests', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    await client.connection.listTools();
    const before = lab.received.length;
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => client.connection.callTool('say_hello', {})),
    );
    await Promise.all(outcomes.map(({ drained }) => drained));
    expect(outcomes.map(({ id }) => id).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const numbers = outcomes.flatMap(({ requests }) => requests);
    expect(new Set(numbers).size).toBe(8);
    expect(lab.received.length - before).toBe(8);
    for (const { id, requests, wire } of outcomes) {
      const response = client.trace.find((event) => event.kind === 'http-response' && isOf(id)(event));
      expect(response).toMatchObject({ request: requests[0], connection: wire.connection });
    }
  });

  it('has requests that no other call of the server has, also after a reconnect', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    const first = await client.connection.callTool('say_hello', {});
    await client.connection.disconnect();
    const second = await client.connection.callTool('say_hello', {});
    expect(second.id).toBe(first.id + 1);
    expect(Math.min(...second.requests)).toBeGreaterThan(Math.max(...first.requests));
  });
});

describe('an HTTP request in the trace', () => {
  it.each(['early-eof', 'reset', 'fin-after-request', 'json-cut', '500', 'hold-open', 'huge-event'] as const)(
    'ends once, whatever the server does: %s',
    async (mode) => {
      await using lab = await startLab({});
      await using client = connectTo(lab.url, { drain: { timeout: 30, maxBytes: 1_000 } });
      await client.connection.listTools();
      lab.use(mode, ['tools/call']);
      await client.connection.callTool('say_hello', {}).then(
        ({ drained }) => drained,
        () => undefined,
      );
      await client.connection.close();
      expectEachToEndOnce(client);
    },
  );

  it('that never got a connection ends once too, and says that it had none', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url, {
      pool: { ...DEFAULT_POOL, maxConnections: 1, queueTimeout: 50 },
    });
    await client.connection.connect();
    const abort = new AbortController();
    const held = client.connection.callTool('gated', {}, { signal: abort.signal });
    await lab.waitFor(({ counts }) => counts.held === 1);
    const records: CallRecord[] = [];
    const error = await failureOf(
      client.connection.callTool('gated', {}, { onRecord: (one) => records.push(one) }),
    );
    abort.abort();
    await failureOf(held);
    await client.connection.close();
    expectEachToEndOnce(client);
    const [record] = records;
    expect(record).toMatchObject({ outcome: 'error', error: { code: error.code } });
    const [number] = record?.requests ?? [];
    expect(client.trace.filter((event) => 'request' in event && event.request === number)).toMatchObject([
      { kind: 'message', connection: 0, call: record?.id },
      { kind: 'http-request', connection: 0, call: record?.id },
      { kind: 'http-end', how: 'error', connection: 0, error: { code: error.code }, call: record?.id },
    ]);
  });

  it('says from the beginning which connection carries it', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    const { wire, requests } = await client.connection.callTool('say_hello', {});
    const ofCall = client.trace.filter(
      (event) => 'request' in event && event.request === requests[0] && event.kind !== 'message',
    );
    expect(ofCall.length).toBeGreaterThan(2);
    for (const event of ofCall) expect(event).toMatchObject({ connection: wire.connection });
  });
});

describe('what is recorded of a server', () => {
  it('is every event of its calls, masked, although nobody reads the trace', async () => {
    const secret = 'do-not-tell';
    await using server = await startRawServer(
      (asked) => asked.message.method === 'tools/call' && answerWith(asked, { content: [], said: secret }),
    );
    const shown: TraceEvent[] = [];
    const connection = new McpServer({
      config: serverConfig(server.url, { headers: { 'X-Mine': secret }, secrets: [secret] }),
      callbacks: {
        traceLevel: () => 'off',
        onTrace: (event) => shown.push(event),
        onState: () => undefined,
        onActivity: () => undefined,
      },
      recordBytes: 1_000_000,
    });
    const { id, drained } = await connection.callTool('t', { said: secret });
    await drained;
    await connection.close();
    expect(shown).toEqual([]);
    const { events, leftOut } = connection.events();
    expect(leftOut).toBe(0);
    expect(events.filter(isOf(id)).map(({ kind }) => kind)).toEqual([
      'message',
      'http-request',
      'http-response',
      'http-body',
      'drain',
      'http-end',
      'call',
    ]);
    expect(new Set(events.map(({ kind }) => kind))).toContain('state');
    expect(JSON.stringify(events)).not.toContain(secret);
    expect(JSON.stringify(events)).toContain('••••');
    connection.clearEvents();
    expect(connection.events()).toEqual({ events: [], leftOut: 0 });
  });
});
