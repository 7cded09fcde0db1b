import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { createServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_POOL, type ServerConfig } from '../../../src/core/config/serverConfig.ts';
import type { ServerCallbacks } from '../../../src/core/servers/serverCallbacks.ts';
import { startDelayedLink } from '../../lab/delayedLink.ts';
import { type Lab, type LabOptions, startLab } from '../../lab/lab.ts';
import { overHttp2 } from '../../lab/modes/overOneVersion.ts';
import { prompt } from '../../lab/modes/whole.ts';
import { type TlsIdentity, tlsIdentity } from '../../lab/tls.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

let identity: TlsIdentity;
let folder: string;
let ca: string;

beforeAll(async () => {
  identity = await tlsIdentity('private-ca');
  folder = await mkdtemp(join(tmpdir(), 'sluice-http2-connection-'));
  ca = join(folder, 'ca.pem');
  await writeFile(ca, identity.ca);
});

afterAll(() => rm(folder, { recursive: true }));

function start(options: LabOptions = {}): Promise<Lab> {
  return startLab({ tls: identity, http2: 'only', ...options });
}

function connect(
  url: string,
  overrides: Partial<ServerConfig> = {},
  callbacks: Partial<ServerCallbacks> = {},
) {
  return connectTo(url, { tls: { ca }, ...overrides }, callbacks);
}

const one = { ...DEFAULT_POOL, maxConnections: 1 };

/** The socket that each call of a tool arrived on. */
function socketsOf(lab: Lab, tool: string): number[] {
  return lab.received.flatMap(({ message, socket }) =>
    (message as { params?: { name?: string } } | undefined)?.params?.name === tool ? [socket] : [],
  );
}

describe('a server that allows few streams at once', () => {
  it('never gets more on a connection, and the other calls go over others', async () => {
    await using lab = await start({ maxConcurrentStreams: 4 });
    await using client = connect(lab.url);
    await client.connection.listTools();
    const calls = Array.from({ length: 40 }, () => client.connection.callTool('gated', {}));
    await lab.waitFor(({ counts }) => counts.held === 40);
    const each = Map.groupBy(socketsOf(lab, 'gated'), (socket) => socket);
    expect(Math.max(...[...each.values()].map(({ length }) => length))).toBe(4);
    lab.release();
    await Promise.all(calls);
    expect(lab.counts.calls.get('gated')).toBe(40);
  });

  it('and with all of them taken leaves a call in the queue, where its time runs', async () => {
    await using lab = await start({ maxConcurrentStreams: 1 });
    await using client = connect(lab.url, { pool: { ...one, queueTimeout: 50 } });
    await client.connection.listTools();
    const gated = client.connection.callTool('gated', {});
    await lab.waitFor(({ counts }) => counts.held === 1);
    expect(await failureOf(client.connection.callTool('add', { a: 1, b: 1 }))).toMatchObject({
      code: 'queue-timeout',
      delivery: 'not-sent',
    });
    lab.release();
    await gated;
    expect(lab.counts.calls.has('add')).toBe(false);
  });

  it('gets the answer to what it asks in the middle of the only one', async () => {
    await using lab = await start({ maxConcurrentStreams: 1, era: 'legacy', serverStream: false });
    const onElicit = async () => ({ action: 'accept' as const, content: { name: 'Ada' } });
    await using client = connect(lab.url, { pool: one }, { onElicit });
    expect(textOf(await client.connection.callTool('ask', {}))).toContain('Ada');
  });

  it('and holds each open after its answer costs no connection: the stream is reset', async () => {
    await using lab = await start({ maxConcurrentStreams: 1, mode: 'hold-open' });
    await using client = connect(lab.url, { pool: one });
    for (let n = 0; n < 5; n++) await client.connection.callTool('add', { a: n, b: 1 });
    expect(lab.counts).toMatchObject({ accepted: 1, open: 1 });
    expect(lab.counts.calls.get('add')).toBe(5);
  });

  it('is asked for more as soon as it allows more', async () => {
    const raise = overHttp2(async (exchange) => {
      exchange.reply.allowStreams(3);
      await prompt(exchange);
    });
    await using lab = await start({ maxConcurrentStreams: 1, mode: raise });
    await using client = connect(lab.url, { pool: one });
    await client.connection.callTool('say_hello', {});
    const calls = Array.from({ length: 3 }, () => client.connection.callTool('gated', {}));
    await lab.waitFor(({ counts }) => counts.held === 3);
    expect(lab.counts.accepted).toBe(1);
    lab.release();
    await Promise.all(calls);
  });

  it('opens one connection for many calls at once, once it is known to carry them', async () => {
    await using lab = await start();
    await using client = connect(lab.url);
    await client.connection.listTools();
    const before = lab.counts.accepted;
    lab.disconnect();
    await client.until(({ pool }) => pool.idle === 0);
    await Promise.all(Array.from({ length: 64 }, () => client.connection.callTool('say_hello', {})));
    expect(lab.counts.accepted - before).toBe(1);
  });
});

describe('a connection that the server gives up with GOAWAY', () => {
  const announced = overHttp2(async (exchange) => {
    exchange.reply.announceGoAway();
    await prompt(exchange);
  });

  it.each([
    ['', 'goaway-idle'],
    ['of which only the end is announced ', announced],
  ] as const)(
    '%scarries its long call to the end, and no other, within one connection more',
    async (_, mode) => {
      await using lab = await start();
      await using client = connect(lab.url, { pool: one });
      await client.connection.listTools();
      const gated = client.connection.callTool('gated', {});
      await lab.waitFor(({ counts }) => counts.held === 1);
      lab.use(mode);
      await client.connection.callTool('add', { a: 1, b: 1 });
      lab.use('prompt');
      for (let n = 0; n < 5; n++) await client.connection.callTool('add', { a: n, b: 1 });
      expect(lab.counts.held).toBe(1);
      lab.release();
      expect((await gated).result.isError).not.toBe(true);
      expect(lab.counts).toMatchObject({ accepted: 2, maxOpen: 2 });
      expect(socketsOf(lab, 'add')).toEqual([1, 2, 2, 2, 2, 2]);
    },
  );

  it('lets a call that waits go over another at once', async () => {
    const leaving = Promise.withResolvers<void>();
    const leave = overHttp2(async (exchange) => {
      await leaving.promise;
      exchange.reply.announceGoAway();
      await prompt(exchange);
    });
    await using lab = await start({ maxConcurrentStreams: 1, mode: leave });
    await using client = connect(lab.url, { pool: one });
    const gated = client.connection.callTool('gated', {});
    await lab.waitFor(() => socketsOf(lab, 'gated').length === 1);
    lab.use('prompt');
    const waiting = client.connection.callTool('add', { a: 1, b: 1 });
    await turn();
    expect(client.connection.snapshot().pool.queued).toBe(1);
    leaving.resolve();
    await waiting;
    expect(socketsOf(lab, 'add')).toEqual([2]);
    await lab.waitFor(({ counts }) => counts.held === 1);
    lab.release();
    expect((await gated).result.isError).not.toBe(true);
  });

  it('makes room for one more, and not for one more each time', async () => {
    await using lab = await start();
    await using client = connect(lab.url, { pool: { ...one, queueTimeout: 100 } });
    await client.connection.listTools();
    const gated: Promise<unknown>[] = [];
    for (const held of [1, 2]) {
      lab.use('prompt');
      gated.push(client.connection.callTool('gated', {}));
      await lab.waitFor(({ counts }) => counts.held === held);
      lab.use('goaway-idle');
      await client.connection.callTool('add', { a: 1, b: 1 });
    }
    expect(await failureOf(client.connection.callTool('add', { a: 1, b: 1 }))).toMatchObject({
      code: 'queue-timeout',
    });
    lab.release();
    await Promise.all(gated);
    lab.use('prompt');
    await client.connection.callTool('add', { a: 1, b: 1 });
    expect(lab.counts.maxOpen).toBe(2);
    expect(lab.counts.calls.get('add')).toBe(3);
  });

  it('and that did not process the last request leaves the one before it alone', async () => {
    await using lab = await start();
    await using client = connect(lab.url);
    await client.connection.listTools();
    const gated = client.connection.callTool('gated', {});
    await lab.waitFor(({ counts }) => counts.held === 1);
    lab.use('goaway-mid');
    await client.connection.callTool('add', { a: 1, b: 1 });
    expect(lab.counts.calls.get('add')).toBe(1);
    expect(socketsOf(lab, 'add')).toEqual([1, 2]);
    lab.release();
    expect((await gated).result.isError).not.toBe(true);
  });

  it.each([1, 2, 16])(
    'after each answer fails none of many calls, with %d connections',
    async (maxConnections) => {
      await using lab = await start({ mode: 'goaway-idle' });
      await using client = connect(lab.url, { pool: { ...DEFAULT_POOL, maxConnections } });
      for (const many of [1, 8, 64])
        await Promise.all(
          Array.from({ length: many }, () => client.connection.callTool('add', { a: 1, b: 1 })),
        );
      expect(lab.counts.calls.get('add')).toBe(73);
      expect(lab.counts.maxOpen).toBeLessThanOrEqual(maxConnections + 1);
    },
  );
});

describe('a connection that was opened ahead', () => {
  it('is known to be closed before a call is lost on it', async () => {
    await using lab = await start();
    // Far enough for a connection to be opened ahead.
    await using link = await startDelayedLink(lab.url, { oneWayMs: 5 });
    await using client = connect(link.url);
    await client.connection.listTools();
    for (let n = 1; n <= 2; n++) {
      lab.disconnect();
      await client.until(({ pool }) => pool.busy + pool.draining + pool.idle + pool.warm === 0);
      client.connection.warmUp();
      await client.until(({ pool }) => pool.warm === 1);
    }
    lab.disconnect();
    await client.until(({ pool }) => pool.warm === 0);
    await client.connection.callTool('add', { a: 1, b: 1 });
    expect(lab.counts.calls.get('add')).toBe(1);
  });
});

describe('a server that refuses every stream', () => {
  it('is told as one, after a few times, and the tool never runs', async () => {
    await using lab = await start({ mode: overHttp2(async ({ reply }) => reply.refuse()) });
    await using client = connect(lab.url);
    expect(await failureOf(client.connection.callTool('add', { a: 1, b: 1 }))).toMatchObject({
      code: 'connection-lost',
      delivery: 'not-sent',
    });
    expect(socketsOf(lab, 'add')).toEqual([1, 1, 1, 1]);
    expect(lab.counts.calls.has('add')).toBe(false);
  });
});

describe('a connection that falls silent without a word', () => {
  it('costs one call its time over HTTP/2: the next goes over another, and it is closed', async () => {
    await using lab = await start();
    await using link = await startDelayedLink(lab.url, { oneWayMs: 0 });
    await using client = connect(link.url, { requestTimeout: 300 });
    await client.connection.listTools();
    const left = link.fallSilent();
    expect(await failureOf(client.connection.callTool('add', { a: 1, b: 1 }))).toMatchObject({
      code: 'request-timeout',
      delivery: 'unknown',
    });
    for (let n = 0; n < 5; n++) await client.connection.callTool('add', { a: n, b: 1 });
    expect(lab.counts.accepted).toBe(2);
    expect(lab.counts.calls.get('add')).toBe(5);
    await left;
    await client.until(({ pool }) => pool.idle === 1);
  });

  it('is told from a tool that takes its time: the connection answers a PING, and is used on', async () => {
    await using lab = await start();
    await using client = connect(lab.url);
    for (let n = 0; n < 3; n++) {
      const slow = client.connection.callTool('gated', {}, { timeout: 40 });
      expect(await failureOf(slow)).toMatchObject({ code: 'request-timeout' });
      await client.connection.callTool('add', { a: n, b: 1 });
    }
    expect(lab.counts.accepted).toBe(1);
  });

  it('costs one call its time over HTTP/1.1, however many idle connections there are', async () => {
    await using lab = await start({ http2: false });
    await using link = await startDelayedLink(lab.url, { oneWayMs: 0 });
    await using client = connect(link.url, { requestTimeout: 300 });
    const gated = Array.from({ length: 4 }, () => client.connection.callTool('gated', {}));
    await lab.waitFor(({ counts }) => counts.held === 4);
    lab.release();
    await Promise.all(gated);
    await client.until(({ pool }) => pool.idle === 4);
    const left = link.fallSilent();
    expect(await failureOf(client.connection.callTool('add', { a: 1, b: 1 }))).toMatchObject({
      code: 'request-timeout',
    });
    await left;
    for (let n = 0; n < 5; n++) await client.connection.callTool('add', { a: n, b: 1 });
    expect(lab.counts.calls.get('add')).toBe(5);
  });
});

describe('a request over HTTP/2', () => {
  it('names the host that the settings name, and nothing of the connection', async () => {
    await using lab = await start();
    const headers = { Host: 'mcp.example', Connection: 'keep-alive', 'X-Team': 'blue' };
    await using client = connect(lab.url, { headers });
    await client.connection.callTool('echo', { text: 'ü' });
    const { headers: sent } = lab.received.at(-1) ?? {};
    expect(sent).toMatchObject({ host: 'mcp.example', 'x-team': 'blue' });
    expect(sent).not.toHaveProperty('connection');
    expect(Number(sent?.['content-length'])).toBeGreaterThan(0);
  });

  it('whose headers cannot be written says so, and is not sent', async () => {
    await using lab = await start();
    await using client = connect(lab.url, { headers: { 'X-Team': 'blue\r\nX-Other: red' } });
    expect(await failureOf(client.connection.callTool('add', { a: 1, b: 1 }))).toMatchObject({
      code: 'config-invalid',
      delivery: 'not-sent',
    });
    expect(lab.counts.requests).toBe(0);
  });

  it('of megabytes arrives beside others on the same connection, and so does its answer', async () => {
    await using lab = await start();
    await using client = connect(lab.url);
    await client.connection.listTools();
    const text = 'x'.repeat(4 * 1024 * 1024);
    const calls = Array.from({ length: 8 }, () => client.connection.callTool('echo', { text }));
    expect((await Promise.all(calls)).map((outcome) => textOf(outcome).length)).toEqual(
      calls.map(() => text.length),
    );
    expect(lab.counts.accepted).toBe(1);
  });

  it('has an answer of megabytes in a few round trips, not in one for each 64 KiB', async () => {
    await using lab = await start();
    await using link = await startDelayedLink(lab.url, { oneWayMs: 25 });
    await using client = connect(link.url);
    await client.connection.listTools();
    const outcome = await client.connection.callTool('sized', { bytes: 4 * 1024 * 1024 });
    // 64 round trips would be 3,200 ms.
    expect(outcome.timing.total).toBeLessThan(1_600);
  });

  it('whose answer breaks off with its connection is lost, and not taken for a short answer', async () => {
    const half = Promise.withResolvers<void>();
    const begin = overHttp2(async ({ reply }) => {
      await reply.write(reply.head(200, { 'Content-Type': 'application/json' }), '{"jsonrpc":"2.0",');
      half.resolve();
    });
    await using lab = await start({ mode: begin });
    await using client = connect(lab.url);
    const call = failureOf(client.connection.callTool('add', { a: 1, b: 1 }));
    await half.promise;
    // The answer has begun: what the server has written is on its way before the end.
    await turn();
    lab.disconnect();
    expect(await call).toMatchObject({ code: 'connection-lost', delivery: 'unknown' });
  });

  it('whose caller throws on its progress fails for that, and its connection goes on', async () => {
    await using lab = await start();
    await using client = connect(lab.url);
    const onProgress = () => {
      throw new Error('a bug of the caller');
    };
    const call = client.connection.callTool('slow', { steps: 2, everyMs: 1 }, { onProgress });
    expect((await call).result.isError).not.toBe(true);
    expect(client.warnings()).toContainEqual(expect.stringContaining('a bug of the caller'));
    await client.connection.callTool('add', { a: 1, b: 1 });
    expect(lab.counts.accepted).toBe(1);
  });
});

describe('what claims to speak HTTP/2 and', () => {
  /** A server that agrees on h2 and does what it is told. */
  async function pretend(serve: (socket: TLSSocket) => void) {
    const server = createServer({ ...identity, ALPNProtocols: ['h2'] }, (socket) => {
      socket.on('error', () => undefined);
      serve(socket);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    return { url, [Symbol.asyncDispose]: async () => void server.close() };
  }

  it.each([
    ['speaks HTTP/1.1', (socket: TLSSocket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['closes at once', (socket: TLSSocket) => void socket.end()],
    ['resets at once', (socket: TLSSocket) => void socket.destroy()],
  ])('%s is a connection lost, and no more', async (_, serve) => {
    await using server = await pretend(serve);
    await using client = connect(server.url);
    expect((await failureOf(client.connection.callTool('add', { a: 1, b: 1 }))).code).toBe('connection-lost');
  });

  it('says nothing is waited for no longer than the request', async () => {
    await using server = await pretend((socket) => void socket.resume());
    await using client = connect(server.url, { requestTimeout: 150 });
    expect((await failureOf(client.connection.callTool('add', { a: 1, b: 1 }))).code).toBe('request-timeout');
  });
});
