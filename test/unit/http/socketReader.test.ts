import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { SocketReader, socketEvent } from '../../../src/core/http/socketEvents.ts';

const never = new AbortController().signal;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Two ends of one TCP connection: the reader's, and the one that speaks. */
async function pair(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  sockets.push(near, far.on('error', () => undefined).setNoDelay(true));
  return [near, far];
}

test('a head that comes with what is behind it leaves that to whoever reads next', async () => {
  const [near, far] = await pair();
  far.write('HTTP/1.1 200 OK\r\n\r\nhello');
  expect(String(await new SocketReader(near, never).upTo('\r\n\r\n', 100))).toBe('HTTP/1.1 200 OK\r\n\r\n');
  const [behind] = await once(near, 'data');
  expect(String(behind)).toBe('hello');
});

test('a head whose end is cut in two is put together', async () => {
  const [near, far] = await pair();
  const head = new SocketReader(near, never).upTo('\r\n\r\n', 100);
  far.write('HTTP/1.1 200 OK\r\n\r');
  await once(near, 'readable');
  far.write('\n');
  expect(String(await head)).toBe('HTTP/1.1 200 OK\r\n\r\n');
});

test('a head is read up to its bound, and not beyond', async () => {
  const [near, far] = await pair();
  far.write(`${'x'.repeat(16)}\r\n\r\n`);
  expect((await new SocketReader(near, never).upTo('\r\n\r\n', 20))?.length).toBe(20);
  far.write(`${'x'.repeat(17)}\r\n\r\n`);
  expect(await new SocketReader(near, never).upTo('\r\n\r\n', 20)).toBeUndefined();
});

test('exactly so many bytes are read; the rest is left', async () => {
  const [near, far] = await pair();
  const reader = new SocketReader(near, never);
  const four = reader.exactly(4);
  far.write('ab');
  await once(near, 'readable');
  far.write('cdef');
  expect(String(await four)).toBe('abcd');
  expect(String(await reader.exactly(2))).toBe('ef');
});

test('a stream that ends before is told apart from one that fails', async () => {
  const [near, far] = await pair();
  far.end('ab');
  expect(await new SocketReader(near, never).exactly(4)).toBeUndefined();

  const [other, peer] = await pair();
  const bytes = new SocketReader(other, never).exactly(4);
  peer.resetAndDestroy();
  await expect(bytes).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('whoever gives up is told why, and leaves no listener behind', async () => {
  const [near] = await pair();
  const listeners = () => ['readable', 'end', 'error', 'close'].map((event) => near.listenerCount(event));
  const before = listeners();
  const abort = new AbortController();
  const bytes = new SocketReader(near, abort.signal).exactly(1);
  abort.abort(new Error('enough'));
  await expect(bytes).rejects.toThrow('enough');
  expect(listeners()).toEqual(before);
});

test('a socket that is closed already fails at once', async () => {
  const [near] = await pair();
  near.destroy();
  await expect(socketEvent(near, ['connect'], never)).rejects.toThrow('closed');
});
