import { randomUUID } from 'node:crypto';
import { isInitializeRequest, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import type { DemoMcpServer } from './demoMcpServer.ts';
import { jsonRpcError } from './jsonRpcError.ts';

/**
 * The sessions of clients that speak a revision up to 2025-11-25.
 * Clients rarely end their sessions, so at the cap a new one ends the one that was used least recently;
 * its client is answered 404 and, by the specification, begins anew.
 */
export class LegacySessions {
  readonly #createServer: () => DemoMcpServer;
  readonly #cap: number;
  /** By session id; the least recently used first. */
  readonly #transports = new Map<string, WebStandardStreamableHTTPServerTransport>();

  constructor(createServer: () => DemoMcpServer, cap: number) {
    this.#createServer = createServer;
    this.#cap = cap;
  }

  get size(): number {
    return this.#transports.size;
  }

  /** @param message the parsed body of a POST */
  async handle(request: Request, message: unknown): Promise<Response> {
    const id = request.headers.get('mcp-session-id');
    if (id !== null) {
      const transport = this.#transports.get(id);
      if (transport === undefined) {
        return jsonRpcError({ status: 404, code: -32001, message: 'Session not found' });
      }
      this.#transports.delete(id);
      this.#transports.set(id, transport);
      return transport.handleRequest(request, { parsedBody: message });
    }
    if (request.method !== 'POST') {
      const headers = { Allow: 'POST' };
      return jsonRpcError({
        status: 405,
        code: -32000,
        message: 'Only POST works without a session',
        headers,
      });
    }
    if (!isInitializeRequest(message)) {
      const text =
        'Send `initialize` first, then its Mcp-Session-Id; or speak revision 2026-07-28, which needs neither';
      return jsonRpcError({ status: 400, code: -32000, message: text });
    }
    return this.#open(request, message);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#transports.values()].map((transport) => transport.close()));
  }

  async #open(request: Request, message: unknown): Promise<Response> {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        this.#transports.set(id, transport);
      },
    });
    const server = this.#createServer();
    await server.connect(transport);
    server.server.onclose = () => {
      if (transport.sessionId !== undefined) this.#transports.delete(transport.sessionId);
    };
    const response = await transport.handleRequest(request, { parsedBody: message });
    if (this.#transports.size > this.#cap) {
      const [leastRecentlyUsed] = this.#transports.values();
      await leastRecentlyUsed?.close();
    }
    return response;
  }
}
