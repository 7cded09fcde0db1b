import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that this project did not write. */
export interface Peer {
  readonly name: string;
  readonly url: string;
  /** Ends the server and every connection to it. */
  close(): Promise<void>;
}

/** node's HTTP server at its defaults, as most MCP servers of this language run on. */
export async function listen(
  name: string,
  listener: RequestListener,
  onClose: () => Promise<void>,
): Promise<Peer> {
  const server: Server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    name,
    url: `http://127.0.0.1:${port}/mcp`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await onClose();
      server.closeAllConnections();
      await closed;
    },
  };
}
