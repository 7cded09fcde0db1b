import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../src/core/http/connection.ts';
import { originOf } from '../../../src/core/http/origin.ts';
import { socketConnections } from '../../../src/core/http/socketConnection.ts';
import { systemClock } from '../../../src/core/metrics/clock.ts';

/** A connection of which the test is the server. */
async function opened() {
  const socket = Object.assign(
    new Duplex({ allowHalfOpen: false, read() {}, write: (_, __, done) => done() }),
    {
      ref() {},
      unref() {},
    },
  );
  const { promise: closed, resolve: onClose } = Promise.withResolvers<Connection>();
  const open = socketConnections(
    originOf(new URL('http://127.0.0.1/')),
    async () => ({ socket: socket as unknown as Socket, startedAt: 0, openedAt: 0, httpVersion: '1.1' }),
    systemClock,
  );
  const connection = await open(1, { signal: new AbortController().signal, onClose });
  return { socket, connection, closed };
}

describe('a connection that waits for its first request', () => {
  it('is given up as soon as the server speaks: what it says answers nobody', async () => {
    const { socket, connection, closed } = await opened();
    expect(connection.usable).toBe(true);
    socket.push('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}');
    expect(await closed).toBe(connection);
    expect(connection.usable).toBe(false);
  });

  it('is given up as soon as the server ends it', async () => {
    const { socket, connection, closed } = await opened();
    socket.push(null);
    expect(await closed).toBe(connection);
    expect(connection.usable).toBe(false);
  });
});
