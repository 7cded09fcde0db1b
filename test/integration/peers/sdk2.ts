import type { RequestListener } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { acceptedContent, createMcpHandler, inputRequired, Server } from '@modelcontextprotocol/server';
import { listen, type Peer } from './peer.ts';
import { peerTools, QUESTION, runPeerTool } from './peerTools.ts';

/** The official SDK 2.x behind its own adapter for node: stateless, both eras on one endpoint. */
export async function startSdk2(): Promise<Peer> {
  const handler = createMcpHandler(() => {
    const server = new Server({ name: 'sdk-2-peer', version: '1.0.0' }, { capabilities: { tools: {} } });
    server.setRequestHandler('tools/list', () => ({ tools: peerTools }));
    server.setRequestHandler('tools/call', ({ params }, { mcpReq }) => {
      const { signal, notify, _meta, inputResponses } = mcpReq;
      if (params.name === 'elicit' && inputResponses?.['who'] === undefined) {
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
  return listen('SDK 2.x', listener, () => handler.close());
}
