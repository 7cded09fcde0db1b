import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { DemoMcpServer } from './demoMcpServer.ts';
import type { DemoStats } from './demoStats.ts';
import { answer, MCP_PATH } from './endpoint.ts';
import { LegacySessions } from './legacySessions.ts';
import { RoutingTable } from './routingTable.ts';
import { ToolActivity } from './toolActivity.ts';
import { writeResponse } from './writeResponse.ts';

const LOOPBACK = '127.0.0.1';
const MAX_SOCKETS = 256;
const MAX_LEGACY_SESSIONS = 64;
const MAX_SUBSCRIPTIONS = 64;
/** How long a connection may rest between calls, in milliseconds: long enough for a person to type the next one. */
const KEEP_ALIVE_TIMEOUT = 60_000;
const REQUEST_TIMEOUT = 60_000;

export interface DemoServerOptions {
  /** Port on 127.0.0.1; 0, the default, takes one that is free. */
  readonly port?: number;
}

export interface DemoServer {
  /** Of the MCP endpoint: `http://127.0.0.1:<port>/mcp`. */
  readonly url: string;
  readonly port: number;
  stats(): DemoStats;
  /** Ends every stream, session and socket at once. Calls in flight get no answer. */
  close(): Promise<void>;
}

/** Resolves when the server listens. Rejects with Node's error, such as `EADDRINUSE`, where it cannot. */
export async function startDemoServer({ port = 0 }: DemoServerOptions = {}): Promise<DemoServer> {
  const activity = new ToolActivity();
  const routes = new RoutingTable();
  const createMcpServer = () => new DemoMcpServer(activity, routes);
  const legacy = new LegacySessions(createMcpServer, MAX_LEGACY_SESSIONS);
  const modern = createMcpHandler(createMcpServer, {
    legacy: 'reject',
    responseMode: 'sse',
    maxSubscriptions: MAX_SUBSCRIPTIONS,
  });

  const streams = new Set<ServerResponse>();
  const http = createServer(
    { noDelay: true, keepAliveTimeout: KEEP_ALIVE_TIMEOUT, requestTimeout: REQUEST_TIMEOUT },
    async (request, out) => {
      try {
        const response = await answer(request, { modern, legacy });
        if (response !== undefined) await writeResponse(response, out, streams);
      } catch {
        out.destroy();
      }
    },
  );
  http.maxConnections = MAX_SOCKETS;
  const sockets = new Set<Socket>();
  let acceptedSockets = 0;
  http.on('connection', (socket: Socket) => {
    acceptedSockets += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  http.listen(port, LOOPBACK);
  await once(http, 'listening');
  http.on('error', () => {}); // a connection that could not be accepted, which must not end the extension host
  const { port: boundPort } = http.address() as AddressInfo;

  const close = async () => {
    http.close();
    await Promise.all([modern.close(), legacy.close()]);
    await turn(); // what the streams still have to say leaves before their sockets do
    const closed = [...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    http.closeAllConnections();
    await Promise.all(closed);
  };

  return {
    url: `http://${LOOPBACK}:${boundPort}${MCP_PATH}`,
    port: boundPort,
    stats: () => ({
      openStreams: streams.size,
      openSockets: sockets.size,
      acceptedSockets,
      routingEntries: routes.size,
      liveSessions: legacy.size,
      runningCalls: activity.running,
      toolCalls: activity.calls,
    }),
    close,
  };
}
