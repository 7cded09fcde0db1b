import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isSluiceError } from '../../../src/core/errors.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import { RequestReader } from '../../lab/httpRequest.ts';
import { cutAnywhere } from '../../unit/sse/cutBytes.ts';
import { connectTo } from './connectTo.ts';

/** What a server says to one request, and how it leaves the connection then. */
interface Said {
  readonly bytes: Buffer;
  readonly cut: (bytes: Buffer) => Buffer[];
  readonly afterwards: 'stays' | 'ends' | 'resets';
}

const RUNS = 500;
/** Milliseconds. Whatever core/ waits for, it waits no longer here: what only a time-out can end is ended by one. */
const LONGEST_WAIT = 40;
/** Far beyond what three requests may take then: whoever is not back by then hangs. */
const PATIENCE = 10_000;

const impatient: Clock = {
  ...systemClock,
  schedule: (ms, run) => systemClock.schedule(Math.min(ms, LONGEST_WAIT), run),
};

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
const id = fc.oneof(fc.nat(3), fc.constantFrom('1', null, -1, 1e300), anyText);
const message = fc.oneof(
  fc.record({ jsonrpc: fc.constant('2.0'), id, result: fc.jsonValue() }),
  fc.record({ jsonrpc: fc.constant('2.0'), id, result: fc.constantFrom<unknown>(...results()) }),
  fc.record({ jsonrpc: fc.constant('2.0'), id, error: fc.jsonValue() }),
  fc.record({
    jsonrpc: fc.constant('2.0'),
    id,
    error: fc.record({
      code: fc.constantFrom(-32601, -32020, -32022, -32000, 0),
      message: anyText,
      data: fc.jsonValue(),
    }),
  }),
  fc.record({
    jsonrpc: fc.constant('2.0'),
    id,
    method: fc.constantFrom('ping', 'roots/list', 'elicitation/create', 'sampling/createMessage', 'x'),
    params: fc.jsonValue(),
  }),
  fc.record({
    jsonrpc: fc.constant('2.0'),
    method: fc.constantFrom(
      'notifications/progress',
      'notifications/tools/list_changed',
      'notifications/cancelled',
    ),
    params: fc.jsonValue(),
  }),
  fc.jsonValue(),
);

function results(): unknown[] {
  const schema = { type: 'object', properties: { a: { type: 'string', 'x-mcp-header': 'A' } } };
  return [
    { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
    { supportedVersions: [7, null, '2025-11-25'], capabilities: 'all' },
    { protocolVersion: '2025-11-25', capabilities: { tools: { listChanged: true } }, serverInfo: {} },
    { protocolVersion: '2024-11-05', capabilities: null },
    { tools: [{ name: 'add', inputSchema: schema }, null, { name: 7 }], nextCursor: 'again' },
    { tools: 'none', ttlMs: -1, cacheScope: 'everyone' },
    { content: 'text', structuredContent: null },
    { resultType: 'input_required', inputRequests: { a: { method: 'elicitation/create' }, b: null } },
    { resultType: 'input_required', requestState: 'again' },
    { resultType: 'task', taskId: 't', status: 'working', pollIntervalMs: 0 },
  ];
}

const eventStream = fc
  .array(
    fc.oneof(
      message.map((one) => `data: ${JSON.stringify(one)}\n\n`),
      anyText,
      fc.constantFrom(
        '\n\n',
        'data:\n\n',
        'id: 7\n',
        'retry: 0\n',
        'retry: 99999999999\n',
        'event: x\n',
        'event: endpoint\n',
        ':\n\n',
      ),
    ),
    { maxLength: 6 },
  )
  .map((parts) => Buffer.from(parts.join('')));
const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const body = fc.oneof(
  eventStream,
  message.map((one) => Buffer.from(JSON.stringify(one))),
  anyBytes,
);
const statusLine = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(200, 200, 200, 202, 204, 301, 307, 400, 401, 404, 405, 429, 500)
      .map((code) => `HTTP/1.1 ${code} Said`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'HTTP/1.0 200 OK',
      'HTTP/1.1 100 Continue',
      'HTTP/1.1 101 Switching',
      'HTTP/1.1 999 Hm',
      'HTTP/2 200',
      'ICY 200 OK',
      '',
    ),
  },
);
const header = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('Content-Type: text/event-stream', 'Content-Type: application/json'),
  },
  fc.constantFrom(
    'Content-Type: text/html',
    'Transfer-Encoding: chunked',
    'Content-Length: 0',
    'Content-Length: 7',
    'Content-Length: 99999999999',
    'Content-Length: -1',
    'Content-Encoding: gzip',
    'Connection: close',
    'Keep-Alive: timeout=0',
    'Keep-Alive: timeout=99999999999',
    'Mcp-Session-Id: a b',
    'Mcp-Session-Id: a',
    'Location: /mcp',
    'Location: http://[',
    'Retry-After: never',
    'WWW-Authenticate: \xe9',
    ': no name',
    'no colon',
  ),
);
const response = fc
  .tuple(statusLine, fc.array(header, { maxLength: 4 }), body)
  .map(([status, headers, bytes]) =>
    Buffer.concat([Buffer.from([status, ...headers, '', ''].join('\r\n'), 'latin1'), bytes]),
  );
const said: fc.Arbitrary<Said> = fc.record({
  bytes: fc.oneof({ weight: 12, arbitrary: response }, { weight: 1, arbitrary: anyBytes }),
  cut: cutAnywhere,
  afterwards: fc.constantFrom(
    'ends' as const,
    'ends' as const,
    'resets' as const,
    'resets' as const,
    'stays' as const,
  ),
});

/** What a good server says: so that the bytes are met in the middle of a conversation too, and not at its beginning alone. */
const GOOD: Readonly<Record<string, object>> = {
  'server/discover': {
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {}, resources: {} },
    ttlMs: 0,
    cacheScope: 'private',
  },
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {}, resources: {} },
    serverInfo: { name: 'any', version: '1' },
  },
  'tools/list': {
    resultType: 'complete',
    tools: [{ name: 'add', inputSchema: { type: 'object' } }],
    ttlMs: 0,
    cacheScope: 'private',
  },
};

/** Says something good to the first requests, and then one after another what it is given. */
async function startServer(good: number, sayings: readonly Said[]) {
  const sockets = new Set<Socket>();
  let requests = 0;
  let said = 0;
  const server = createServer((socket) => {
    const reader = new RequestReader();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      for (const { body } of reader.read(bytes)) {
        requests += 1;
        const answer = requests <= good ? goodAnswer(body) : undefined;
        if (answer !== undefined) socket.write(answer);
        else say(socket, sayings[said++ % sayings.length]);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function goodAnswer(sent: string): string | undefined {
  if (sent === '') return undefined;
  const { id, method } = JSON.parse(sent) as { readonly id?: number; readonly method?: string };
  const result = GOOD[method ?? ''];
  if (result === undefined) return undefined;
  const text = JSON.stringify({ jsonrpc: '2.0', id, result });
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

function say(socket: Socket, saying: Said | undefined): void {
  if (saying === undefined) return;
  for (const piece of saying.cut(saying.bytes)) socket.write(piece);
  if (saying.afterwards === 'ends') socket.end();
  if (saying.afterwards === 'resets') socket.resetAndDestroy();
}

/** How each of these settled; `hangs` for one that did not. */
async function settled(asked: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const { promise: late, resolve } = Promise.withResolvers<'hangs'>();
  const timer = setTimeout(() => resolve('hangs'), PATIENCE);
  const outcomes = asked.map((one) =>
    one.then(
      () => 'answered',
      (error: unknown) => (isSluiceError(error) ? 'refused' : error),
    ),
  );
  try {
    return await Promise.all(outcomes.map((outcome) => Promise.race([outcome, late])));
  } finally {
    clearTimeout(timer);
  }
}

it('whatever a server says, and wherever it stops, every caller is back in time with a result or a coded error', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(3),
      fc.array(said, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('auto' as const, '2026-07-28' as const, '2025-11-25' as const, '2025-03-26' as const),
      async (good, sayings, protocol) => {
        const server = await startServer(good, sayings);
        const client = connectTo(
          server.url,
          { protocol },
          { onElicit: async () => ({ action: 'accept', content: {} }), roots: () => [] },
          impatient,
        );
        const { connection } = client;
        try {
          const outcomes = await settled([
            connection.listTools(),
            connection.callTool('add', { a: 'a' }),
            connection.readResource('file:///a'),
          ]);
          expect(outcomes.filter((outcome) => outcome !== 'answered' && outcome !== 'refused')).toEqual([]);
          expect(await settled([connection.close()])).toEqual(['answered']);
        } finally {
          await server.close();
        }
      },
    ),
    { numRuns: RUNS },
  );
});
