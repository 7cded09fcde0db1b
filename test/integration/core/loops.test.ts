import { expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import { event, inEventStream } from '../../lab/answer.ts';
import { startLab } from '../../lab/lab.ts';
import { END } from '../../lab/reply.ts';
import { connectTo, failureOf } from './connectTo.ts';
import { answerWith, eventStream, startRawServer } from './rawServer.ts';

it('a server that says after each list that it changed is not asked for it in an endless loop', async () => {
  let tell: ((message: object) => void) | undefined;
  const server = await startRawServer(
    (asked) => {
      if (asked.httpMethod === 'GET') {
        tell = eventStream(asked);
        return true;
      }
      if (asked.message.method !== 'tools/list') return false;
      answerWith(asked, { tools: [{ name: 't', inputSchema: {} }] });
      tell?.({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
      return true;
    },
    { capabilities: { tools: { listChanged: true } } },
  );
  await using _ = server;
  const waiting = Promise.withResolvers<void>();
  const clock: Clock = {
    ...systemClock,
    schedule(ms, task) {
      // The first pause; without a bound there is none, and the lists never end.
      if (ms > 500 && ms < 1_000) waiting.resolve();
      return systemClock.schedule(ms, task);
    },
  };
  let changes = 0;
  const lists: Promise<unknown>[] = [];
  const onToolsChanged = () => {
    if (changes++ < 1_000) lists.push(client.connection.listTools());
  };
  await using client = connectTo(server.url, {}, { onToolsChanged }, clock);
  await client.connection.connect();
  await client.connection.listTools();
  await waiting.promise;
  await Promise.all(lists);
  expect(changes).toBe(3);
  // A call does not list anew either, while the change waits.
  for (let n = 0; n < 20; n++) await client.connection.callTool('t', {});
  expect(server.asked.filter(({ message }) => message.method === 'tools/list').length).toBeLessThanOrEqual(6);
  expect(client.warnings()).toEqual([expect.stringMatching(/list_changed again and again/)]);
});

it('a tool is not repeated by a hint of a list that changed since, also where that is not asked for yet', async () => {
  let tell: ((message: object) => void) | undefined;
  let calls = 0;
  await using server = await startRawServer(
    (asked) => {
      if (asked.httpMethod === 'GET') {
        tell = eventStream(asked);
        return true;
      }
      if (asked.message.method === 'tools/call')
        return ++calls > 0 && asked.response.destroy() instanceof Object;
      if (asked.message.method !== 'tools/list') return false;
      answerWith(asked, { tools: [{ name: 't', inputSchema: {}, annotations: { idempotentHint: true } }] });
      tell?.({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
      return true;
    },
    { capabilities: { tools: { listChanged: true } } },
  );
  const onToolsChanged = () => void client.connection.listTools();
  await using client = connectTo(server.url, {}, { onToolsChanged });
  await client.connection.listTools();
  await expect.poll(() => client.warnings()).toEqual([expect.stringMatching(/list_changed again and again/)]);
  expect(await failureOf(client.connection.callTool('t', {}))).toMatchObject({ delivery: 'unknown' });
  expect(calls).toBe(1);
});

it('a server that sends each response twice is warned of a few times, and then counted', async () => {
  await using lab = await startLab({
    era: 'legacy',
    mode: inEventStream(async (response, { reply }) =>
      reply.write(reply.opening(), event(response), event(response), END),
    ),
  });
  await using client = connectTo(lab.url);
  for (let n = 0; n < 100; n++) await client.connection.callTool('say_hello', {});
  expect(client.warnings()).toHaveLength(4);
  await client.connection.disconnect();
  expect(client.warnings().at(-1)).toMatch(
    /a second response to request \d+ was ignored \(and 95 times more before\)/,
  );
});
