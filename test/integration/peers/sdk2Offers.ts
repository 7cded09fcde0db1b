import type { RequestListener } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { acceptedContent, createMcpHandler, inputRequired, Server } from '@modelcontextprotocol/server';
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

/** The official SDK 2.x with everything that it has, both eras; of the older one what needs no session. */
export async function startSdk2Offers(): Promise<OfferingPeer> {
  const hanging = new Hanging();
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
    server.setRequestHandler('tools/list', ({ params }) => {
      const { entries, ...more } = page(peerTools, params?.cursor);
      return { tools: entries, ...more };
    });
    server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
      const { signal, notify, _meta, inputResponses } = mcpReq;
      const given = inputResponses as
        | Record<string, { action?: string; content?: unknown; roots?: unknown }>
        | undefined;
      switch (params.name) {
        case 'chatty':
          await mcpReq.log('error', 'oh');
          return said('logged');
        case 'ask-all': {
          if (given?.['what'] !== undefined)
            return said({ content: given['what'].content, roots: given['where']?.roots });
          const inputRequests = {
            what: inputRequired.createMessage(SAMPLING),
            where: inputRequired.listRoots(),
          };
          return inputRequired({ inputRequests });
        }
        case 'log-in': {
          if (given?.['login'] !== undefined) return said(given['login'].action);
          const { mode: _, ...where } = LOG_IN;
          return inputRequired({ inputRequests: { login: inputRequired.elicitUrl(where) } });
        }
        case 'hang':
          return hanging.until(signal);
        case 'elicit':
          if (given?.['who'] === undefined)
            return inputRequired({ inputRequests: { who: inputRequired.elicit(QUESTION) } });
      }
      return runPeerTool(params.name, {
        args: params.arguments ?? {},
        signal,
        progress: async (progress, total) => {
          const progressToken = _meta?.progressToken;
          if (progressToken === undefined) return;
          await notify({ method: 'notifications/progress', params: { progressToken, progress, total } });
        },
        elicit: async () => acceptedContent(inputResponses, 'who')?.['name'],
      });
    });
    return server;
  });
  // Its types say `method?: string` where node's say `method?: string | undefined`.
  const listener = toNodeHandler(handler) as RequestListener;
  const peer = await listen('SDK 2.x', listener, () => handler.close());
  return { ...peer, hanging, notify: handler.notify };
}
