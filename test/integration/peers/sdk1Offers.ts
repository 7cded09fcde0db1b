import { randomUUID } from 'node:crypto';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  CreateMessageResultSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListRootsResultSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { listen, type Peer } from './peer.ts';
import {
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

/** One session on the official SDK 1.x with everything but tasks; `subscribed` is what the client asked to hear of. */
export async function startSdk1Offers(): Promise<Peer & { readonly subscribed: ReadonlySet<string> }> {
  const subscribed = new Set<string>();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID });
  const capabilities = {
    tools: {},
    resources: { subscribe: true, listChanged: true },
    prompts: {},
    completions: {},
    logging: {},
  };
  const server = new Server({ name: 'sdk-1-offers', version: '1.0.0' }, { capabilities });
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: peerResources }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: peerTemplates }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => readPeer(params.uri));
  server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    subscribed.add(params.uri);
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    subscribed.delete(params.uri);
    return {};
  });
  server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: peerPrompts }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => promptOf(params.arguments));
  server.setRequestHandler(CompleteRequestSchema, ({ params }) => suggestions(params.argument.value));
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: peerTools }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { sendRequest, sendNotification }) => {
    if (params.name === 'chatty') {
      await sendNotification({ method: 'notifications/message', params: { level: 'error', data: 'oh' } });
      return said('logged');
    }
    const sampling = { method: 'sampling/createMessage' as const, params: SAMPLING };
    const { content } = await sendRequest(sampling, CreateMessageResultSchema);
    const { roots } = await sendRequest({ method: 'roots/list' }, ListRootsResultSchema);
    return said({ content, roots });
  });
  await server.connect(transport as Parameters<Server['connect']>[0]);
  const answer = transport.handleRequest.bind(transport);
  const peer = await listen('SDK 1.x, resources and prompts', answer, () => transport.close());
  return { ...peer, subscribed };
}
