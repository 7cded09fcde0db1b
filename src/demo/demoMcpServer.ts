import {
  type CacheHint,
  type CallToolResult,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type Transport,
} from '@modelcontextprotocol/server';
import { explain } from './explain.ts';
import { handbook } from './handbook.ts';
import type { RoutingTable } from './routingTable.ts';
import type { ToolActivity } from './toolActivity.ts';
import { askState } from './tools/ask.ts';
import { tools, toolsByName } from './tools.ts';

/** Nothing listed here ever changes while the server runs. */
const untilRestart: CacheHint = { ttlMs: 300_000, cacheScope: 'public' };

/** How long a legacy client's user may take to answer a form, in milliseconds. */
const ANSWER_TIMEOUT = 300_000;

/**
 * The demo's tools on the official SDK. A legacy session has one instance for as long as it lasts,
 * a modern request has one of its own, which is garbage when the request is answered.
 */
export class DemoMcpServer extends McpServer {
  readonly #routes: RoutingTable;

  constructor(activity: ToolActivity, routes: RoutingTable) {
    super(
      { name: 'sluice-demo', title: 'Sluice demo', version: '1.0.0' },
      {
        supportedProtocolVersions: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'],
        capabilities: {
          tools: { listChanged: false },
          resources: { listChanged: false },
          prompts: { listChanged: false },
        },
        instructions:
          'A server to try a client on. Start with say_hello; slow shows progress, ask asks back.',
        cacheHints: {
          'tools/list': untilRestart,
          'resources/list': untilRestart,
          'prompts/list': untilRestart,
          'server/discover': untilRestart,
        },
        requestState: { verify: askState.verify },
        inputRequired: { roundTimeoutMs: ANSWER_TIMEOUT },
      },
    );
    this.#routes = routes;
    for (const tool of tools) this.registerTool(tool.name, tool.config, tool.call);
    const { name, uri, text, ...metadata } = handbook;
    this.registerResource(name, uri, metadata, () => ({
      contents: [{ uri, mimeType: metadata.mimeType, text }],
    }));
    const { get, name: prompt, ...shown } = explain;
    this.registerPrompt(prompt, shown, get);

    // McpServer turns every error that a tool throws into a result with isError. Here a ProtocolError is meant for
    // the wire: a client has to cope with both kinds of failure.
    this.server.setRequestHandler('tools/call', async ({ params }, ctx) => {
      const tool = toolsByName.get(params.name);
      if (tool === undefined) {
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
      }
      try {
        const outcome = await activity.run(tool.name, () => tool.call(params.arguments ?? {}, ctx));
        if (outcome.resultType === 'input_required') return outcome;
        return this.server.projectCallToolResult(outcome as CallToolResult, tool.outputSchema);
      } catch (error) {
        if (error instanceof ProtocolError) throw error;
        return { isError: true, content: [{ type: 'text', text: String(error) }] };
      }
    });
  }

  override async connect(transport: Transport): Promise<void> {
    this.#routes.watch(transport);
    await super.connect(transport);
  }
}
