import { describe, expect, it } from 'vitest';
import { type Answer, inEventStream, inOneBody, jsonAnswer } from '../../lab/answer.ts';
import type { Outgoing, Response } from '../../lab/jsonrpc.ts';
import { startLab } from '../../lab/lab.ts';
import { END } from '../../lab/reply.ts';
import { connectTo, textOf } from './connectTo.ts';

const CHANGED = { jsonrpc: '2.0' as const, method: 'notifications/tools/list_changed' };
const PING = { jsonrpc: '2.0' as const, id: 'are you there', method: 'ping' };
const JUNK = { hello: 'world' } as unknown as Outgoing;

const batched = (response: Response): Outgoing[] => [CHANGED, JUNK, PING, response, CHANGED];

const modes: [string, Answer][] = [
  [
    "on a call's stream",
    inEventStream((response, { reply }) =>
      reply.write(reply.opening(), `data: ${JSON.stringify(batched(response))}\n\n`, END),
    ),
  ],
  ['as a JSON body', inOneBody((response, exchange) => jsonAnswer(200, batched(response))(exchange))],
];

describe('a batch of 2025-03-26', () => {
  it.each(modes)('%s is handled member by member', async (_, mode) => {
    await using lab = await startLab({
      era: 'legacy',
      versions: { legacy: ['2025-03-26'] },
      changes: true,
      mode,
    });
    let changes = 0;
    await using client = connectTo(lab.url, {}, { onToolsChanged: () => changes++ });
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    await lab.waitFor(({ received }) => received.some(({ message }) => message?.id === PING.id));
    expect(lab.received.find(({ message }) => message?.id === PING.id)?.message?.result).toEqual({});
    expect(changes).toBe(2);
    expect(client.warnings()).toEqual([expect.stringContaining('its "jsonrpc" is not "2.0"')]);
  });

  it('on the stream for what the server says unasked is handled member by member', async () => {
    await using lab = await startLab({
      era: 'legacy',
      versions: { legacy: ['2025-03-26'] },
      changes: true,
      on: ['GET'],
      mode: async ({ reply, hold }) => {
        await reply.write(reply.opening(), `data: ${JSON.stringify([CHANGED, PING, CHANGED])}\n\n`);
        await hold();
      },
    });
    let changes = 0;
    await using client = connectTo(lab.url, {}, { onToolsChanged: () => changes++ });
    await client.connection.connect();
    await lab.waitFor(({ received }) => received.some(({ message }) => message?.id === PING.id));
    expect(changes).toBe(2);
    expect(client.warnings()).toEqual([]);
  });

  it('is never sent', async () => {
    await using lab = await startLab({ era: 'legacy', versions: { legacy: ['2025-03-26'] } });
    await using client = connectTo(lab.url);
    await Promise.all(Array.from({ length: 10 }, () => client.connection.callTool('say_hello', {})));
    expect(lab.received.some(({ message }) => Array.isArray(message))).toBe(false);
  });
});
