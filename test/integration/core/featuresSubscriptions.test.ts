import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import type { ServerCallbacks } from '../../../src/core/servers/serverCallbacks.ts';
import { type Answer, event, refusal } from '../../lab/answer.ts';
import type { Message } from '../../lab/jsonrpc.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { END } from '../../lab/reply.ts';
import { text } from '../../lab/tools.ts';
import { connectTo, failureOf } from './connectTo.ts';

const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';

function received(lab: Lab, method: string): readonly Message[] {
  return lab.received.flatMap(({ message }) => (message?.method === method ? [message] : []));
}

/** The filters that were asked for, in order. */
function filters(lab: Lab) {
  return received(lab, 'subscriptions/listen').map(({ params }) => params?.notifications);
}

/** What a connection was told, in order, and a way to wait for it. */
function told() {
  const events: string[] = [];
  const waiting = new Set<() => void>();
  const tell = (what: string) => {
    events.push(what);
    for (const look of waiting) look();
  };
  const callbacks: Partial<ServerCallbacks> = {
    onToolsChanged: () => tell('tools'),
    onPromptsChanged: () => tell('prompts'),
    onResourcesChanged: () => tell('resources'),
    onResourceUpdated: (uri) => tell(uri),
  };
  const until = (count: number) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (events.length >= count) resolve();
      };
      waiting.add(look);
      look();
    });
  return { events, callbacks, until };
}

/** The system's clock, on which the waits before a stream is opened again are over at once, and noted. */
function hastyClock(): { clock: Clock; waits: number[]; advance: (ms: number) => void } {
  const waits: number[] = [];
  let ahead = 0;
  let isConnecting = true;
  const clock: Clock = {
    now: () => systemClock.now() + ahead,
    wallTime: () => systemClock.wallTime(),
    schedule(ms, task) {
      // The first of 2 s is how long `server/discover` may take before `initialize` is sent besides.
      const isOther = (isConnecting && ms === 2_000) || ![1, 2, 4, 8, 16, 32].includes(ms / 1000);
      if (ms === 2_000) isConnecting = false;
      if (isOther) return systemClock.schedule(ms, task);
      waits.push(ms);
      return systemClock.schedule(0, task);
    },
  };
  return {
    clock,
    waits,
    advance: (ms) => {
      ahead += ms;
    },
  };
}

/** Answers `subscriptions/listen` with these messages, and then lets `end` decide. */
function listening(messages: (id: unknown) => readonly object[], end: Answer): Answer {
  return async (exchange) => {
    const { reply, request } = exchange;
    const events = messages(request.message?.id).map((message) => event(message as never));
    await reply.write(reply.opening(), ...events);
    await end(exchange);
  };
}

const acknowledge = (id: unknown, notifications: object) => ({
  jsonrpc: '2.0',
  method: 'notifications/subscriptions/acknowledged',
  params: { _meta: { [SUBSCRIPTION_ID]: id }, notifications },
});
const dropped: Answer = async ({ reply }) => reply.reset();

describe('a modern server that tells of changes', () => {
  it('is listened to from the first list on, over a connection that no call has', async () => {
    await using lab = await startLab({ changes: true });
    const { events, callbacks, until } = told();
    await using client = connectTo(lab.url, {}, callbacks);
    await client.connection.callTool('say_hello', {});
    expect(filters(lab)).toEqual([]);
    await client.connection.listTools();
    await client.connection.listTools();
    await lab.waitFor(({ counts }) => counts.streams === 1);
    expect(filters(lab)).toEqual([{ toolsListChanged: true }]);
    const socket = lab.received.find(({ message }) => message?.method === 'subscriptions/listen')?.socket;
    for (let n = 0; n < 5; n++) await client.connection.callTool('say_hello', {});
    expect(lab.received.filter((one) => one.socket === socket)).toHaveLength(1);
    await lab.notify('notifications/tools/list_changed');
    await until(1);
    expect(events).toEqual(['tools']);
    expect(filters(lab)).toHaveLength(1);
    expect(client.warnings()).toEqual([]);
  });

  it('is asked for no log messages where it would not send them', async () => {
    await using lab = await startLab({ changes: true });
    await using client = connectTo(lab.url);
    await client.connection.setLogLevel('debug');
    await client.connection.listTools();
    await lab.waitFor(({ counts }) => counts.streams === 1);
    const levels = ['tools/list', 'subscriptions/listen'].map(
      (method) => received(lab, method)[0]?.params?._meta?.['io.modelcontextprotocol/logLevel'],
    );
    expect(levels).toEqual(['debug', undefined]);
  });

  it('ends what was kept of its list', async () => {
    await using lab = await startLab({ changes: true, listTtlMs: 60_000 });
    const { callbacks, until } = told();
    await using client = connectTo(lab.url, {}, callbacks);
    await client.connection.listPrompts();
    await client.connection.listPrompts();
    expect(received(lab, 'prompts/list')).toHaveLength(1);
    await lab.waitFor(({ counts }) => counts.streams === 1);
    lab.prompts.delete('greeting');
    await lab.notify('notifications/prompts/list_changed');
    await until(1);
    expect(await client.connection.listPrompts()).toHaveLength(1);
  });

  it('is asked for more on a new stream, which takes the place of the old one', async () => {
    await using lab = await startLab({ changes: true });
    const { events, callbacks, until } = told();
    await using client = connectTo(lab.url, {}, callbacks);
    await client.connection.listTools();
    await lab.waitFor(({ counts }) => counts.streams === 1);
    await Promise.all([client.connection.listPrompts(), client.connection.listResources()]);
    await lab.waitFor((one) => filters(one).length === 2 && one.counts.streams === 1);
    expect(filters(lab)[1]).toEqual({
      toolsListChanged: true,
      promptsListChanged: true,
      resourcesListChanged: true,
    });
    await lab.notify('notifications/tools/list_changed');
    await lab.notify('notifications/prompts/list_changed');
    await lab.notify('notifications/resources/list_changed');
    await until(3);
    expect(events).toEqual(['tools', 'prompts', 'resources']);
    expect(client.warnings()).toEqual([]);
  });

  it('tells of a resource that was subscribed to, until it is not any more', async () => {
    await using lab = await startLab({ changes: true, listTtlMs: 60_000 });
    const { events, callbacks, until } = told();
    await using client = connectTo(lab.url, {}, callbacks);
    const { connection } = client;
    await connection.subscribeResource('lab://text');
    await connection.subscribeResource('lab://bytes');
    await lab.waitFor(({ counts }) => counts.streams === 1);
    await connection.readResource('lab://text');
    await connection.readResource('lab://text');
    expect(received(lab, 'resources/read')).toHaveLength(1);
    await lab.notify('notifications/resources/updated', { uri: 'lab://text' });
    await lab.notify('notifications/resources/updated', { uri: 'lab://asks' });
    await lab.notify('notifications/resources/updated', { uri: 'lab://bytes' });
    await until(2);
    expect(events).toEqual(['lab://text', 'lab://bytes']);
    await connection.readResource('lab://text');
    expect(received(lab, 'resources/read')).toHaveLength(2);
    await connection.unsubscribeResource('lab://text');
    await lab.waitFor((one) => filters(one).length === 3 && one.counts.streams === 1);
    expect(filters(lab).at(-1)).toEqual({ resourceSubscriptions: ['lab://bytes'] });
    await connection.unsubscribeResource('lab://bytes');
    await lab.waitFor(({ counts }) => counts.streams === 0);
    expect(client.warnings()).toEqual([]);
  });

  it('and does not agree to a resource is not relied upon', async () => {
    await using lab = await startLab({
      changes: true,
      agrees: ({ resourceSubscriptions: _, ...lists }) => lists,
    });
    await using client = connectTo(lab.url);
    await client.connection.listTools();
    expect(await failureOf(client.connection.subscribeResource('lab://text'))).toMatchObject({
      code: 'not-offered',
      message: expect.stringContaining('lab://text'),
    });
  });

  it('is believed only in what it agreed to, and after it did', async () => {
    const change = (id: unknown, list: string) => ({
      jsonrpc: '2.0',
      method: `notifications/${list}/list_changed`,
      params: { _meta: { [SUBSCRIPTION_ID]: id } },
    });
    await using lab = await startLab({
      changes: true,
      on: ['subscriptions/listen'],
      mode: listening(
        (id) => [
          change(id, 'tools'),
          acknowledge(id, { toolsListChanged: true, promptsListChanged: true }),
          change(id, 'prompts'),
          change(id, 'resources'),
          change(id, 'tools'),
        ],
        async ({ hold }) => hold(),
      ),
    });
    const { events, callbacks, until } = told();
    await using client = connectTo(lab.url, {}, callbacks);
    await client.connection.listTools();
    await until(1);
    expect(events).toEqual(['tools']);
    expect(client.warnings()).toEqual([expect.stringMatching(/tools\/list_changed was ignored/)]);
  });

  it('is let go at once by a disconnect', async () => {
    await using lab = await startLab({ changes: true });
    await using client = connectTo(lab.url);
    await client.connection.listTools();
    await lab.waitFor(({ counts }) => counts.streams === 1);
    await client.connection.disconnect();
    await lab.waitFor(({ counts }) => counts.streams === 0 && counts.open === 0);
    expect(filters(lab)).toHaveLength(1);
    expect(client.warnings()).toEqual([]);
  });

  it('is not listened to where it does not say that it tells', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    await client.connection.listTools();
    await client.connection.listPrompts();
    await client.connection.listResources();
    expect(await failureOf(client.connection.subscribeResource('lab://text'))).toMatchObject({
      code: 'not-offered',
    });
    await client.connection.ping();
    expect(filters(lab)).toEqual([]);
  });
});

describe('a subscription', () => {
  it('that the server ends in good order is opened again when it is next needed, and not before', async () => {
    await using lab = await startLab({ changes: true, listTtlMs: 60_000 });
    const { clock, waits } = hastyClock();
    const { callbacks, events, until } = told();
    await using client = connectTo(lab.url, {}, callbacks, clock);
    await client.connection.listTools();
    await client.connection.readResource('lab://text');
    await lab.waitFor(({ counts }) => counts.streams === 1);
    lab.endStreams();
    await lab.waitFor(({ counts }) => counts.streams === 0 && counts.closed === 1);
    await client.connection.ping();
    expect(filters(lab)).toHaveLength(1);
    await client.connection.listTools();
    await lab.waitFor(({ counts }) => counts.streams === 1);
    await lab.notify('notifications/tools/list_changed');
    await until(1);
    // What changed meanwhile was not told: nothing that was kept is believed any more.
    await client.connection.readResource('lab://text');
    expect(received(lab, 'resources/read')).toHaveLength(2);
    expect([waits, events, client.warnings()]).toEqual([[], ['tools'], []]);
  });

  it('that the server cancels has ended in good order; a cancellation of something else is ignored', async () => {
    const cancel = (requestId: unknown) => ({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId, reason: 'shutting down' },
    });
    await using lab = await startLab({
      changes: true,
      on: ['subscriptions/listen'],
      mode: listening(
        (id) => [
          acknowledge(id, { toolsListChanged: true }),
          cancel('of another'),
          { jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: {} },
          cancel(id),
        ],
        async ({ hold }) => hold(),
      ),
    });
    const { clock, waits } = hastyClock();
    const { callbacks, until } = told();
    await using client = connectTo(lab.url, {}, callbacks, clock);
    await client.connection.listTools();
    await until(1);
    // Its stream is closed from here.
    await lab.waitFor(({ counts }) => counts.held === 0 && counts.requests === 3);
    await client.connection.ping();
    expect(filters(lab)).toHaveLength(1);
    expect(waits).toEqual([]);
    expect(JSON.stringify(client.trace)).toContain('shutting down');
    lab.use('prompt');
    await client.connection.listTools();
    await lab.waitFor(({ counts }) => counts.streams === 1);
    expect(client.warnings()).toEqual([expect.stringMatching(/notifications\/cancelled was ignored/)]);
  });

  it('that is dropped is opened again after a second; what it was for may have changed', async () => {
    await using lab = await startLab({ changes: true, listTtlMs: 60_000 });
    const { clock, waits } = hastyClock();
    const { events, callbacks, until } = told();
    await using client = connectTo(lab.url, {}, callbacks, clock);
    await client.connection.subscribeResource('lab://text');
    await client.connection.readResource('lab://text');
    await client.connection.listResourceTemplates();
    await lab.waitFor((one) => filters(one).length === 2 && one.counts.streams === 1);
    lab.disconnect();
    await until(1);
    expect(events).toEqual(['lab://text']);
    expect(filters(lab)).toHaveLength(3);
    expect(waits).toEqual([1_000]);
    await client.connection.readResource('lab://text');
    await client.connection.listResourceTemplates();
    expect(received(lab, 'resources/read')).toHaveLength(2);
    expect(received(lab, 'resources/templates/list')).toHaveLength(2);
    await lab.notify('notifications/resources/updated', { uri: 'lab://text' });
    await until(2);
    expect(client.warnings()).toEqual([]);
  });

  it('that is dropped again and again is opened less and less often, and at last only when it is needed', async () => {
    await using lab = await startLab({
      changes: true,
      on: ['subscriptions/listen'],
      mode: listening((id) => [acknowledge(id, { toolsListChanged: true })], dropped),
    });
    const { clock, waits } = hastyClock();
    await using client = connectTo(lab.url, {}, {}, clock);
    await client.connection.listTools();
    await lab.waitFor((one) => filters(one).length === 7);
    await lab.waitFor(({ counts }) => counts.open <= 1);
    await client.connection.ping();
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000]);
    expect(client.warnings()).toEqual([expect.stringMatching(/lost 7 times in a row/)]);
    lab.use('prompt');
    await client.connection.listTools();
    await lab.waitFor(({ counts }) => counts.streams === 1);
  });

  it('that was open for long begins its row of tries anew', async () => {
    await using lab = await startLab({ changes: true });
    const { clock, waits, advance } = hastyClock();
    await using client = connectTo(lab.url, {}, {}, clock);
    await client.connection.listTools();
    for (let n = 1; n <= 3; n++) {
      await lab.waitFor((one) => filters(one).length === n && one.counts.streams === 1);
      // The acknowledgement is read before the answer to what is asked after it.
      await client.connection.ping();
      advance(60_000);
      lab.disconnect();
    }
    await lab.waitFor((one) => filters(one).length === 4);
    expect(waits).toEqual([1_000, 1_000, 1_000]);
  });

  it('that the server refuses is not asked for again, and the list is there all the same', async () => {
    await using lab = await startLab({
      changes: true,
      on: ['subscriptions/listen'],
      mode: (exchange) =>
        refusal(404, { code: -32601, message: 'Method not found' }, exchange.request.message?.id)(exchange),
    });
    await using client = connectTo(lab.url);
    expect((await client.connection.listTools()).length).toBeGreaterThan(5);
    await lab.waitFor((one) => filters(one).length === 1);
    await client.connection.ping();
    await client.connection.listTools();
    await client.connection.listTools();
    expect(filters(lab)).toHaveLength(1);
    expect(client.warnings()).toEqual([expect.stringMatching(/refuses subscriptions\/listen/)]);
  });

  it('for a resource that the server refuses is an error, and leaves the rest as it was', async () => {
    await using lab = await startLab({ changes: true });
    const { events, callbacks, until } = told();
    await using client = connectTo(lab.url, {}, callbacks);
    await client.connection.listTools();
    await lab.waitFor(({ counts }) => counts.streams === 1);
    lab.use(
      (exchange) =>
        refusal(400, { code: -32602, message: 'No such resource' }, exchange.request.message?.id)(exchange),
      ['subscriptions/listen'],
    );
    const error = await failureOf(client.connection.subscribeResource('lab://none'));
    expect(error).toMatchObject({ code: 'jsonrpc-error', rpc: { code: -32602 } });
    await lab.notify('notifications/tools/list_changed');
    await until(1);
    expect(events).toEqual(['tools']);
    expect(lab.counts.streams).toBe(1);
    lab.use('prompt');
    await client.connection.subscribeResource('lab://text');
    await lab.waitFor(({ counts }) => counts.streams === 1);
    expect(filters(lab).at(-1)).toEqual({ toolsListChanged: true, resourceSubscriptions: ['lab://text'] });
  });

  it('that waits to be opened again is forgotten by a disconnect', async () => {
    await using lab = await startLab({ changes: true });
    const waits = Promise.withResolvers<void>();
    let waiting = false;
    let cancelled = false;
    const clock: Clock = {
      ...systemClock,
      schedule(ms, task) {
        // The first of a second is the stream's: the goodbye to a server has one too.
        if (ms !== 1_000 || waiting) return systemClock.schedule(ms, task);
        waiting = true;
        waits.resolve();
        return () => {
          cancelled = true;
        };
      },
    };
    await using client = connectTo(lab.url, {}, {}, clock);
    await client.connection.subscribeResource('lab://text');
    lab.disconnect();
    await waits.promise;
    await client.connection.disconnect();
    expect(cancelled).toBe(true);
  });

  it('that is answered before it is acknowledged is refused', async () => {
    await using lab = await startLab({
      changes: true,
      on: ['subscriptions/listen'],
      mode: listening(
        (id) => [{ jsonrpc: '2.0', id, result: { resultType: 'complete' } }],
        async ({ reply }) => reply.write(END),
      ),
    });
    await using client = connectTo(lab.url);
    expect(await failureOf(client.connection.subscribeResource('lab://text'))).toMatchObject({
      code: 'not-offered',
    });
  });

  it('that is never acknowledged fails in the time of a request', async () => {
    await using lab = await startLab({ changes: true, on: ['subscriptions/listen'], mode: 'silence' });
    await using client = connectTo(lab.url, { requestTimeout: 50 });
    expect(await failureOf(client.connection.subscribeResource('lab://text'))).toMatchObject({
      code: 'request-timeout',
    });
  });
});

describe('a legacy server that tells of changes', () => {
  const updates = {
    definition: { name: 'updates', inputSchema: { type: 'object' as const } },
    run: async (call: { notify(method: string, params: object): Promise<void> }) => {
      await call.notify('notifications/resources/updated', { uri: 'lab://text' });
      await call.notify('notifications/prompts/list_changed', {});
      return text('done');
    },
  };

  it('is told which resources matter, and is heard on any stream', async () => {
    await using lab = await startLab({ era: 'legacy', changes: true, tools: [updates] });
    const { events, callbacks } = told();
    await using client = connectTo(lab.url, {}, callbacks);
    await client.connection.subscribeResource('lab://text');
    await client.connection.callTool('updates', {});
    expect(events).toEqual(['lab://text', 'prompts']);
    await client.connection.unsubscribeResource('lab://text');
    await client.connection.unsubscribeResource('lab://text');
    expect(received(lab, 'resources/subscribe').map(({ params }) => params?.uri)).toEqual(['lab://text']);
    expect(received(lab, 'resources/unsubscribe').map(({ params }) => params?.uri)).toEqual(['lab://text']);
    expect(filters(lab)).toEqual([]);
  });

  it('is told again after it lost the session, and what was subscribed to may have changed', async () => {
    await using lab = await startLab({ era: 'legacy', changes: true });
    const { events, callbacks } = told();
    await using client = connectTo(lab.url, {}, callbacks);
    await client.connection.subscribeResource('lab://text');
    lab.sessions.forget();
    await client.connection.callTool('say_hello', {});
    await lab.waitFor(({ sessions }) => sessions.ids.some((id) => sessions.subscribes(id, 'lab://text')));
    expect(events).toEqual(['lab://text']);
    expect(received(lab, 'resources/subscribe')).toHaveLength(2);
  });

  it('refuses a resource that it does not have', async () => {
    await using lab = await startLab({ era: 'legacy', changes: true });
    await using client = connectTo(lab.url);
    expect(await failureOf(client.connection.subscribeResource('lab://none'))).toMatchObject({
      rpc: { code: -32002 },
    });
  });
});
