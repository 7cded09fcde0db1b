import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startDelayedLink } from '../lab/delayedLink.ts';
import { type LabOptions, refusingUrl, startLab } from '../lab/lab.ts';
import { RawClient } from '../lab/rawClient.ts';
import { tlsIdentity } from '../lab/tls.ts';

const ONE_WAY_MS = 25;
/** More than two sockets' buffers and the link itself hold. */
const PIECES = 512;

/** A server that does what `serve` says, behind a link. */
async function behindLink(serve: (socket: Socket) => void, oneWayMs = 5) {
  const server = createServer({ allowHalfOpen: true }, serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const link = await startDelayedLink(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    oneWayMs,
  });
  const close = async () => {
    await link.close();
    server.close();
    await once(server, 'close');
  };
  const open = () => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(link.url).port), allowHalfOpen: true });
    return socket.on('error', () => {});
  };
  return { open, [Symbol.asyncDispose]: close };
}

async function timed(what: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await what();
  return performance.now() - startedAt;
}

async function labBehindLink(options: LabOptions = {}) {
  const lab = await startLab(options);
  const link = await startDelayedLink(lab.url);
  const client = new RawClient(link.url, options.tls && { ca: options.tls.ca });
  const close = async () => {
    client.close();
    await link.close();
    await lab.close();
  };
  return { lab, link, client, [Symbol.asyncDispose]: close };
}

describe('what a call costs over 50 ms of round trip', () => {
  // Exact downward, for every call: nothing may come early. Upward the quickest counts: the machine may be busy.
  async function costs(roundTrips: number, calls: readonly (() => Promise<unknown>)[]) {
    const took: number[] = [];
    for (const call of calls) took.push(await timed(call));
    const quickest = Math.min(...took);
    expect(quickest).toBeGreaterThanOrEqual(roundTrips * 2 * ONE_WAY_MS);
    expect(quickest).toBeLessThan((roundTrips + 0.9) * 2 * ONE_WAY_MS);
  }

  test.each([
    ['two round trips over a fresh connection', 2, false],
    ['three over fresh TLS 1.3', 3, true],
  ])('%s, one from then on', async (_what, roundTrips, overTls) => {
    const tls = overTls ? await tlsIdentity('private-ca') : undefined;
    await using it = await labBehindLink(tls && { tls });
    expect(it.link.url).toMatch(overTls ? /^https:\/\/127\.0\.0\.1:\d+\/mcp$/ : /^http:/);
    const clients = [1, 2, 3].map(() => new RawClient(it.link.url, tls && { ca: tls.ca }));
    const calls = clients.map((client) => () => client.call('say_hello').end);
    await costs(roundTrips, calls);
    await costs(1, calls);
    expect(it.lab.counts.accepted).toBe(3);
    for (const client of clients) client.close();
  });

  test('one over a connection that was opened a round trip ahead', async () => {
    await using it = await behindLink((socket) => socket.pipe(socket), ONE_WAY_MS);
    const [first, ahead] = [it.open(), it.open()];
    // Its echo took two round trips: the other one, opened at the same time, has had its handshake by now.
    first.write('x');
    await once(first, 'data');
    const took = await timed(async () => {
      ahead.write('x');
      await once(ahead, 'data');
    });
    expect(took).toBeGreaterThanOrEqual(2 * ONE_WAY_MS);
    expect(took).toBeLessThan(4 * ONE_WAY_MS);
    for (const socket of [first, ahead]) socket.destroy();
  });

  test('the first byte of a fresh connection reaches the server after one and a half', async () => {
    const arrived = Promise.withResolvers<number>();
    await using it = await behindLink((socket) => {
      socket.once('data', () => arrived.resolve(performance.now())).once('end', () => socket.end());
    }, ONE_WAY_MS);
    const startedAt = performance.now();
    const socket = it.open();
    socket.write('x');
    expect((await arrived.promise) - startedAt).toBeGreaterThanOrEqual(3 * ONE_WAY_MS);
    socket.destroy();
  });

  test('a server that speaks first is heard after two', async () => {
    await using it = await behindLink((socket) => socket.end('hello'), ONE_WAY_MS);
    const socket = it.open();
    const took = await timed(() => once(socket, 'data'));
    expect(took).toBeGreaterThanOrEqual(4 * ONE_WAY_MS);
    socket.end();
  });
});

describe('what comes out at the other end', () => {
  test('every byte, in order, both ways, also where the receiver is slow', async () => {
    await using it = await behindLink((socket) => socket.pipe(socket));
    const socket = it.open();
    const sent = createHash('sha256');
    const received = createHash('sha256');
    let sentBytes = 0;
    let bytes = 0;
    const echoed = new Promise<void>((resolve) => {
      socket.on('data', (piece: Buffer) => {
        received.update(piece);
        bytes += piece.length;
        socket.pause();
        setImmediate(() => socket.resume());
      });
      socket.once('end', resolve);
    });
    for (let n = 0; n < PIECES; n += 1) {
      const piece = Buffer.alloc(64 * 1024 + n, n);
      sent.update(piece);
      sentBytes += piece.length;
      socket.write(piece);
    }
    socket.end();
    await echoed;
    expect(bytes).toBe(sentBytes);
    expect(received.digest('hex')).toBe(sent.digest('hex'));
  });

  test('a half-close: the server still answers who has said all', async () => {
    await using it = await behindLink((socket) => {
      socket.resume().once('end', () => socket.end('you have said all'));
    });
    const socket = it.open();
    socket.end('x');
    expect(Buffer.concat(await socket.toArray()).toString()).toBe('you have said all');
  });

  test('a reset by the server, behind what it had sent', async () => {
    await using it = await behindLink((socket) => {
      socket.once('data', () => socket.write('half an ans', () => socket.resetAndDestroy()));
    });
    const socket = it.open();
    socket.write('x');
    const [text] = await once(socket, 'data');
    expect(String(text)).toBe('half an ans');
    await expect(once(socket, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('a reset by the client', async () => {
    const broken = Promise.withResolvers<NodeJS.ErrnoException>();
    await using it = await behindLink((socket) => {
      socket.on('error', broken.resolve).write('x');
    });
    const socket = it.open();
    await once(socket, 'data');
    socket.resetAndDestroy();
    expect((await broken.promise).code).toBe('ECONNRESET');
  });

  test('a server that is not there resets the connection', async () => {
    await using link = await startDelayedLink(await refusingUrl(), { oneWayMs: 5 });
    const client = new RawClient(link.url);
    const took = await timed(() =>
      expect(client.call('say_hello').end).rejects.toMatchObject({ code: 'ECONNRESET' }),
    );
    expect(took).toBeGreaterThanOrEqual(10);
  });

  test('nothing, once it has fallen silent, while new connections work', async () => {
    await using it = await labBehindLink({ tools: [] });
    await it.client.call('say_hello').end;
    const left = it.link.fallSilent();
    const silent = it.client.call('say_hello');
    silent.end.catch(() => undefined);
    const other = new RawClient(it.link.url);
    expect((await other.call('say_hello').end).status).toBe(200);
    expect(it.lab.counts.requests).toBe(2);
    it.client.close();
    await left;
    other.close();
  });

  test('nothing, once the link is closed', async () => {
    await using it = await labBehindLink({ mode: 'hold-open' });
    const call = it.client.call('say_hello');
    await call.until('Hello');
    await it.link.close();
    await expect(call.end).rejects.toMatchObject({ code: 'ECONNRESET' });
    await it.lab.waitFor(({ counts }) => counts.open === 0);
  });
});
