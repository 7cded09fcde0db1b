import { describe, expect, it } from 'vitest';
import { connectTo, failureOf } from './connectTo.ts';
import { eventStream, startRawServer } from './rawServer.ts';

describe('a server that pings for ever', () => {
  it.each(['on the stream of a call', 'on its own stream'])(
    '%s gets no more time for the call',
    async (where) => {
      let nth = 0;
      let timer: NodeJS.Timeout | undefined;
      await using server = await startRawServer((asked) => {
        // Nobody takes our answer to a ping.
        if (asked.message?.result !== undefined) return true;
        if (asked.httpMethod === 'POST' && asked.message.method !== 'tools/call') return false;
        const send = eventStream(asked);
        if ((asked.httpMethod === 'GET') === (where === 'on its own stream'))
          timer = setInterval(() => send({ jsonrpc: '2.0', id: nth++, method: 'ping' }), 20);
        return true;
      });
      await using client = connectTo(server.url, { requestTimeout: 500 });
      await client.connection.listTools();
      expect(await failureOf(client.connection.callTool('t', {}))).toMatchObject({ code: 'request-timeout' });
      clearInterval(timer);
      expect(nth).toBeGreaterThan(2);
    },
  );
});
