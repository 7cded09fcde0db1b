import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface BufferingProxy extends AsyncDisposable {
  /** As the target's, with the port of the proxy. */
  readonly url: string;
}

/** A reverse proxy as nginx is by default: it passes a response on when it has all of it. */
export async function startBufferingProxy(target: string): Promise<BufferingProxy> {
  const server = createServer(async (asked, answer) => {
    const body = await buffer(asked);
    const { path, ...place } = urlParts(target, asked.url);
    const passed = request({ ...place, path, method: asked.method, headers: asked.headers });
    passed.once('error', () => answer.destroy());
    passed.once('response', async (response) => {
      const whole = await buffer(response);
      const { 'transfer-encoding': _, connection: __, ...headers } = response.headers;
      answer.writeHead(response.statusCode ?? 502, {
        ...headers,
        via: '1.1 buffering',
        'content-length': whole.length,
      });
      answer.end(whole);
    });
    passed.end(body);
  });
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

function urlParts(target: string, path = '/'): { hostname: string; port: string; path: string } {
  const { hostname, port } = new URL(target);
  return { hostname, port, path };
}
