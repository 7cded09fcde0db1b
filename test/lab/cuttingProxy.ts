import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

export interface CuttingProxy extends AsyncDisposable {
  /** As the target's, with the port of the proxy. */
  readonly url: string;
}

/** A reverse proxy that waits for the server as long as its read time-out says: then it cuts the response where it is. */
export async function startCuttingProxy(
  target: string,
  { silentMs }: { readonly silentMs: number },
): Promise<CuttingProxy> {
  const { hostname, port: upstream } = new URL(target);
  const server = createServer((asked, answer) => {
    const { url: path, method, headers } = asked;
    const passed = request({ hostname, port: upstream, path, method, headers, agent: false });
    passed.once('error', () => answer.destroy());
    passed.once('response', (response) => {
      response.setTimeout(silentMs, () => response.destroy(new Error('silent for too long')));
      answer.writeHead(response.statusCode ?? 502, response.headers);
      answer.flushHeaders();
      pipeline(response, answer, () => undefined);
    });
    answer.once('close', () => passed.destroy());
    pipeline(asked, passed, () => undefined);
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
