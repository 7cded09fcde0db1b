import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { InMemoryTaskMessageQueue, InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import {
  type EventStore,
  StreamableHTTPServerTransport,
} from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  CreateMessageResultSchema,
  ElicitResultSchema,
  GetPromptRequestSchema,
  type JSONRPCMessage,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListRootsResultSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { listen } from './peer.ts';
import {
  Hanging,
  LOG_IN,
  type OfferingPeer,
  page,
  peerPrompts,
  peerResources,
  peerTemplates,
  peerTools,
  promptOf,
  readPeer,
  SAMPLING,
  said,
  suggestions,
} from './peerOffers.ts';
import { QUESTION, runPeerTool } from './peerTools.ts';

type Transport = StreamableHTTPServerTransport | SSEServerTransport;

const tools = [
  ...peerTools,
  {
    name: 'job',
    description: 'Runs as a task.',
    inputSchema: { type: 'object' as const },
    execution: { taskSupport: 'required' as const },
  },
  {
    name: 'break-off',
    description: 'Ends its stream before it answers.',
    inputSchema: { type: 'object' as const },
  },
];

/** The official SDK 1.x with everything that it has: a server for each session, streams that can be taken up again. */
export async function startSdk1Offers(): Promise<OfferingPeer> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const offers = new Offers();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const session = request.headers['mcp-session-id'];
    const known = typeof session === 'string' ? sessions.get(session) : undefined;
    if (known !== undefined) return known.handleRequest(request, response);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: new Events(),
      retryInterval: 10,
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await offers.serve(transport);
    await transport.handleRequest(request, response);
  };
  const peer = await listen('SDK 1.x', answer, async () => {
    await Promise.all([...sessions.values()].map((transport) => transport.close()));
    offers.close();
  });
  return { ...peer, hanging: offers.hanging, notify: offers.notify };
}

/** The same over HTTP+SSE. */
export async function startSdk1OffersHttpSse(): Promise<OfferingPeer> {
  const sessions = new Map<string, SSEServerTransport>();
  const offers = new Offers();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'GET' && pathname === '/mcp') {
      const transport = new SSEServerTransport('/messages', response);
      sessions.set(transport.sessionId, transport);
      response.once('close', () => sessions.delete(transport.sessionId));
      return offers.serve(transport);
    }
    const known = sessions.get(searchParams.get('sessionId') ?? '');
    if (request.method === 'POST' && pathname === '/messages' && known !== undefined)
      return known.handlePostMessage(request, response);
    response.writeHead(404).end();
  };
  const peer = await listen('SDK 1.x, HTTP+SSE', answer, async () => {
    await Promise.all([...sessions.values()].map((transport) => transport.close()));
    offers.close();
  });
  return { ...peer, hanging: offers.hanging, notify: offers.notify };
}

/** Events in the order in which they came. */
class Events implements EventStore {
  readonly #events: { readonly id: string; readonly stream: string; readonly message: JSONRPCMessage }[] = [];

  async storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    const id = String(this.#events.length);
    this.#events.push({ id, stream, message });
    return id;
  }

  async getStreamIdForEventId(id: string): Promise<string | undefined> {
    return this.#events[Number(id)]?.stream;
  }

  async replayEventsAfter(
    last: string,
    { send }: { send: (id: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const stream = this.#events[Number(last)]?.stream ?? '';
    for (const one of this.#events.slice(Number(last) + 1))
      if (one.stream === stream) await send(one.id, one.message);
    return stream;
  }
}

class Offers {
  readonly hanging = new Hanging();
  readonly #subscribed = new Set<string>();
  readonly #tasks = new InMemoryTaskStore();
  /** Of every session so far. */
  readonly #servers: Server[] = [];

  readonly notify = {
    toolsChanged: () => this.#tell((server) => server.sendToolListChanged()),
    promptsChanged: () => this.#tell((server) => server.sendPromptListChanged()),
    resourcesChanged: () => this.#tell((server) => server.sendResourceListChanged()),
    resourceUpdated: (uri: string) => {
      if (this.#subscribed.has(uri)) this.#tell((server) => server.sendResourceUpdated({ uri }));
    },
  };

  /** Sessions that are over are told nothing. */
  #tell(say: (server: Server) => Promise<void>): void {
    for (const server of this.#servers) if (server.transport !== undefined) say(server).catch(() => {});
  }

  close(): void {
    this.#tasks.cleanup();
  }

  async serve(transport: Transport): Promise<void> {
    const changes = { listChanged: true };
    const capabilities = {
      tools: changes,
      resources: { subscribe: true, ...changes },
      prompts: changes,
      completions: {},
      logging: {},
      tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
    };
    const server = new Server(
      { name: 'sdk-1-offers', version: '1.0.0' },
      { capabilities, taskStore: this.#tasks, taskMessageQueue: new InMemoryTaskMessageQueue() },
    );
    this.#servers.push(server);
    server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: peerResources }));
    server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
      resourceTemplates: peerTemplates,
    }));
    server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => readPeer(params.uri));
    server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
      this.#subscribed.add(params.uri);
      return {};
    });
    server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
      this.#subscribed.delete(params.uri);
      return {};
    });
    server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: peerPrompts }));
    server.setRequestHandler(GetPromptRequestSchema, ({ params }) => promptOf(params.arguments));
    server.setRequestHandler(CompleteRequestSchema, ({ params }) => suggestions(params.argument.value));
    server.setRequestHandler(ListToolsRequestSchema, ({ params }) => {
      const { entries, ...more } = page(tools, params?.cursor);
      return { tools: entries, ...more };
    });
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
      const { signal, requestId, _meta, sendNotification, sendRequest, taskStore } = extra;
      switch (params.name) {
        case 'chatty':
          await server.sendLoggingMessage({ level: 'error', data: 'oh' }, extra.sessionId);
          return said('logged');
        case 'ask-all': {
          const sampling = { method: 'sampling/createMessage' as const, params: SAMPLING };
          const { content } = await sendRequest(sampling, CreateMessageResultSchema);
          const { roots } = await sendRequest({ method: 'roots/list' }, ListRootsResultSchema);
          return said({ content, roots });
        }
        case 'log-in': {
          const elicitationId = randomUUID();
          const where = { method: 'elicitation/create' as const, params: { ...LOG_IN, elicitationId } };
          const { action } = await sendRequest(where, ElicitResultSchema);
          const completed = {
            method: 'notifications/elicitation/complete' as const,
            params: { elicitationId },
          };
          await sendNotification(completed);
          return said(action);
        }
        case 'hang':
          return this.hanging.until(signal);
        case 'break-off': {
          const params = { level: 'error' as const, data: 'before the end of the stream' };
          await sendNotification({ method: 'notifications/message', params });
          if (transport instanceof StreamableHTTPServerTransport) transport.closeSSEStream(requestId);
          return said('after the end of the stream');
        }
        case 'job': {
          if (taskStore === undefined) throw new Error('no tasks');
          const task = await taskStore.createTask({ ttl: 60_000, pollInterval: 100 });
          void after(150).then(() =>
            taskStore.storeTaskResult(task.taskId, 'completed', said('done')).catch(() => {}),
          );
          return { task };
        }
        default:
          return runPeerTool(params.name, {
            args: params.arguments ?? {},
            signal,
            progress: async (progress, total) => {
              const progressToken = _meta?.progressToken;
              if (progressToken === undefined) return;
              const params = { progressToken, progress, total };
              await sendNotification({ method: 'notifications/progress', params });
            },
            elicit: async () => {
              const answer = await server.elicitInput(QUESTION, { relatedRequestId: requestId });
              return answer.action === 'accept' ? answer.content?.['name'] : undefined;
            },
          });
      }
    });
    await server.connect(transport as Parameters<Server['connect']>[0]);
  }
}
