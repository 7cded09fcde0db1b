import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReverseProxy extends AsyncDisposable {
  /** As the target's, with the port of the proxy. */
  readonly url: string;
}

/** What stands before the server at `target`, on a free port of 127.0.0.1, and passes on as `listener` does. */
export async function startReverseProxy(target: string, listener: RequestListener): Promise<ReverseProxy> {
  const server = createServer(listener);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: Object.assign(new URL(target), { port: String(port) }).href,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
