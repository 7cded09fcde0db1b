import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface StallingRelay extends AsyncDisposable {
  /** The target's URL with the relay's port. */
  readonly url: string;
}

/**
 * A tunnel that passes on what comes in two writes, with Nagle's algorithm on, as relays do that read in pieces: the second one
 * waits until the client has acknowledged the first. Whatever is spoken within, HTTP/2 over TLS too, comes late.
 */
export async function startStallingRelay(target: string): Promise<StallingRelay> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: false }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      const half = bytes.length >> 1;
      // One after the other: Node would send what waits in one write.
      client.write(bytes.subarray(0, half), () => client.write(bytes.subarray(half)));
    });
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = (server.address() as AddressInfo).port;
  return {
    url: Object.assign(new URL(target), { port: String(own) }).href,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
