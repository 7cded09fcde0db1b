import { describe, expect, it } from 'vitest';
import type { ElicitResult } from '../../../src/core/mcp/mcpTypes.ts';
import { connectTo } from './connectTo.ts';
import { eventStream, startRawServer } from './rawServer.ts';

const FORM = { mode: 'form', message: 'Delete it?', requestedSchema: { type: 'object', properties: {} } };

describe('a question of a session that was lost', () => {
  it('is withdrawn, and what the user says to it is not told to the next session', async () => {
    let session = 's1';
    await using server = await startRawServer((asked) => {
      const given = asked.headers['mcp-session-id'];
      if (given !== undefined && given !== session) return asked.response.writeHead(404).end() && true;
      if (asked.httpMethod !== 'GET') return false;
      const send = eventStream(asked);
      if (given === 's1') send({ jsonrpc: '2.0', id: 0, method: 'elicitation/create', params: FORM });
      return true;
    });
    const question = Promise.withResolvers<(answer: ElicitResult) => void>();
    let isWithdrawn = false;
    const late = Promise.withResolvers<void>();
    await using client = connectTo(
      server.url,
      {},
      {
        onElicit: (_, signal) => {
          signal.addEventListener('abort', () => {
            isWithdrawn = true;
          });
          return new Promise((resolve) => question.resolve(resolve));
        },
        onTrace: (event) =>
          event.kind === 'warning' && /its session is over/.test(event.message) && late.resolve(),
      },
    );
    await client.connection.listTools();
    const answer = await question.promise;
    session = 's2';
    await client.connection.callTool('t', {});
    expect(isWithdrawn).toBe(true);
    answer({ action: 'accept', content: {} });
    await late.promise;
    await client.connection.ping();
    expect(server.asked.filter(({ message }) => message.result !== undefined)).toEqual([]);
  });
});
