import type { RequestListener } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, inputRequired, Server, type ServerNotifier } from '@modelcontextprotocol/server';
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

/** The official SDK 2.x with everything that it has; `notify` tells the subscriptions that are open. */
export async function startSdk2Offers(): Promise<Peer & { readonly notify: ServerNotifier }> {
  const handler = createMcpHandler(() => {
    const changes = { listChanged: true };
    const capabilities = {
      tools: changes,
      resources: { ...changes, subscribe: true },
      prompts: changes,
      completions: {},
      logging: {},
    };
    const server = new Server({ name: 'sdk-2-offers', version: '1.0.0' }, { capabilities });
    server.setRequestHandler('resources/list', () => ({ resources: peerResources }));
    server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: peerTemplates }));
    server.setRequestHandler('resources/read', ({ params }) => readPeer(params.uri));
    server.setRequestHandler('prompts/list', () => ({ prompts: peerPrompts }));
    server.setRequestHandler('prompts/get', ({ params }) => promptOf(params.arguments));
    server.setRequestHandler('completion/complete', ({ params }) => suggestions(params.argument.value));
    server.setRequestHandler('tools/list', () => ({ tools: peerTools }));
    server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
      if (params.name === 'chatty') {
        await mcpReq.log('error', 'oh');
        return said('logged');
      }
      const given = mcpReq.inputResponses as
        | Record<string, { content?: unknown; roots?: unknown }>
        | undefined;
      if (given?.['what'] === undefined) {
        const inputRequests = {
          what: inputRequired.createMessage(SAMPLING),
          where: inputRequired.listRoots(),
        };
        return inputRequired({ inputRequests });
      }
      return said({ content: given['what'].content, roots: given['where']?.roots });
    });
    return server;
  });
  const listener = toNodeHandler(handler) as RequestListener;
  const peer = await listen('SDK 2.x, resources and prompts', listener, () => handler.close());
  return { ...peer, notify: handler.notify };
}
