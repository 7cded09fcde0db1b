import { McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { beforeEach, describe, expect, it } from 'vitest';
import { RoutingTable } from '../../../src/demo/routingTable.ts';

describe('RoutingTable over a legacy session', () => {
  let routes: RoutingTable;
  let transport: WebStandardStreamableHTTPServerTransport;
  let waiting: PromiseWithResolvers<void>;

  beforeEach(async () => {
    routes = new RoutingTable();
    waiting = Promise.withResolvers();
    const server = new McpServer({ name: 'test', version: '1.0.0' });
    server.registerTool('wait', {}, async () => {
      await waiting.promise;
      return { content: [] };
    });
    transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => 'session' });
    routes.watch(transport);
    await server.connect(transport);
    const clientInfo = { name: 'test', version: '1.0.0' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    await (await post({ id: 0, method: 'initialize', params })).text();
  });

  it('has an entry for a request until it is answered', async () => {
    const answer = await post({ id: 1, method: 'tools/call', params: { name: 'wait' } });
    expect([routes.size, sdkEntries()]).toEqual([1, 1]);
    waiting.resolve();
    await answer.text();
    expect([routes.size, sdkEntries()]).toEqual([0, 0]);
  });

  it('makes the SDK forget a cancelled request, and ends its stream with nothing on it', async () => {
    const answer = await post({ id: 1, method: 'tools/call', params: { name: 'wait' } });
    await post({ method: 'notifications/cancelled', params: { requestId: 1 } });
    expect(await answer.text()).toBe('');
    expect([routes.size, sdkEntries()]).toEqual([0, 0]);
  });

  it('forgets a request whose client has left, once its answer is there', async () => {
    const answer = await post({ id: 1, method: 'tools/call', params: { name: 'wait' } });
    await answer.body?.cancel();
    expect(routes.size).toBe(1);
    waiting.resolve();
    await expect.poll(() => [routes.size, sdkEntries()]).toEqual([0, 0]);
  });

  it('forgets everything when the session ends', async () => {
    await post({ id: 1, method: 'tools/call', params: { name: 'wait' } });
    await post({ id: 2, method: 'tools/call', params: { name: 'wait' } });
    expect(routes.size).toBe(2);
    await transport.close();
    expect(routes.size).toBe(0);
  });

  function post(message: object): Promise<Response> {
    const headers = {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-session-id': 'session',
    };
    const parsedBody = { jsonrpc: '2.0', ...message };
    return transport.handleRequest(new Request('http://localhost/mcp', { method: 'POST', headers }), {
      parsedBody,
    });
  }

  /** What the SDK itself keeps, which its types hide: the thing to be proved is that nothing stays there. */
  function sdkEntries(): number {
    const entries: unknown = Reflect.get(transport, '_requestToStreamMapping');
    if (!(entries instanceof Map)) throw new Error('The SDK keeps its routing entries elsewhere now');
    return entries.size;
  }
});
