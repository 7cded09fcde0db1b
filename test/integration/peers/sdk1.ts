import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { listen, type Peer } from './peer.ts';
import { peerTools, QUESTION, runPeerTool } from './peerTools.ts';

/** The official SDK 1.x as its documentation shows it: a transport for each session, event streams. */
export async function startSdk1(): Promise<Peer> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const session = request.headers['mcp-session-id'];
    const known = typeof session === 'string' ? sessions.get(session) : undefined;
    if (known !== undefined) return known.handleRequest(request, response);
    if (session !== undefined) {
      const error = { code: -32001, message: 'Session not found' };
      response.writeHead(404, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', error, id: null }));
      return;
    }
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await connect(transport);
    await transport.handleRequest(request, response);
  };
  return listen('SDK 1.x, sessions', answer, async () => {
    await Promise.all([...sessions.values()].map((transport) => transport.close()));
  });
}

/** The official SDK 1.x without sessions: a transport for each request, one JSON body as its answer. */
export async function startSdk1Json(): Promise<Peer> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    response.once('close', () => void transport.close());
    await connect(transport);
    await transport.handleRequest(request, response);
  };
  return listen('SDK 1.x, stateless JSON', answer, async () => {});
}

/** The official SDK 1.x over HTTP+SSE, the transport of 2024-11-05, as its documentation shows it. */
export async function startSdk1HttpSse(): Promise<Peer> {
  const sessions = new Map<string, SSEServerTransport>();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'GET' && pathname === '/mcp') {
      const transport = new SSEServerTransport('/messages', response);
      sessions.set(transport.sessionId, transport);
      response.once('close', () => sessions.delete(transport.sessionId));
      return connect(transport);
    }
    const known = sessions.get(searchParams.get('sessionId') ?? '');
    if (request.method === 'POST' && pathname === '/messages' && known !== undefined)
      return known.handlePostMessage(request, response);
    response.writeHead(404, { 'Content-Type': 'text/html' });
    response.end(`<pre>Cannot ${request.method} ${pathname}</pre>`);
  };
  return listen('SDK 1.x, HTTP+SSE', answer, async () => {
    await Promise.all([...sessions.values()].map((transport) => transport.close()));
  });
}

async function connect(transport: StreamableHTTPServerTransport | SSEServerTransport): Promise<void> {
  const server = new Server({ name: 'sdk-1-peer', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: peerTools }));
  server.setRequestHandler(
    CallToolRequestSchema,
    ({ params }, { signal, requestId, _meta, sendNotification }) =>
      runPeerTool(params.name, {
        args: params.arguments ?? {},
        signal,
        progress: async (progress, total) => {
          const progressToken = _meta?.progressToken;
          if (progressToken === undefined) return;
          await sendNotification({
            method: 'notifications/progress',
            params: { progressToken, progress, total },
          });
        },
        elicit: async () => {
          // Named after the request it belongs to, the question travels on that request's own stream.
          const answer = await server.elicitInput(QUESTION, { relatedRequestId: requestId });
          return answer.action === 'accept' ? answer.content?.['name'] : undefined;
        },
      }),
  );
  await server.connect(transport as Parameters<Server['connect']>[0]);
}
