import { describe, expect, it } from 'vitest';
import type { ElicitRequest } from '../../../src/core/mcp/mcpTypes.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import type { ServerCallbacks } from '../../../src/core/servers/serverCallbacks.ts';
import { event } from '../../lab/answer.ts';
import type { Message, Params } from '../../lab/jsonrpc.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { type Connected, connectTo, failureOf, textOf } from './connectTo.ts';

const ELICIT = { message: 'Who?', requestedSchema: { type: 'object', properties: {} } };

interface Speaking {
  readonly lab: Lab;
  readonly client: Connected;
  /** A message of the server's own, on the stream where it speaks unasked. */
  readonly say: (message: Record<string, unknown>) => Promise<void>;
  readonly ask: (id: string, method: string, params?: Params) => Promise<void>;
  /** What the client posted in answer to a request of the server's. */
  readonly answerTo: (id: string) => Promise<Message | undefined>;
}

/** A connected client, and a server of 2025-11-25 that says what the test wants. */
async function speaking(
  callbacks: Partial<ServerCallbacks>,
  test: (to: Speaking) => Promise<void>,
  clock?: Clock,
): Promise<void> {
  let write: ((text: string) => Promise<void>) | undefined;
  await using lab = await startLab({
    era: 'legacy',
    on: ['GET'],
    mode: async ({ reply, hold }) => {
      await reply.write(reply.opening(), ':\n\n');
      write = (text) => reply.write(text);
      await hold();
    },
  });
  await using client = connectTo(lab.url, {}, callbacks, clock);
  await client.connection.connect();
  await lab.waitFor(({ counts }) => counts.held === 1);
  const say = async (message: Record<string, unknown>) =>
    write?.(event({ jsonrpc: '2.0', ...message } as never));
  const answered = (id: string) => lab.received.find(({ message }) => message?.id === id)?.message;
  await test({
    lab,
    client,
    say,
    ask: (id, method, params) => say({ id, method, ...(params && { params }) }),
    answerTo: async (id) => {
      await lab.waitFor(() => answered(id) !== undefined);
      return answered(id);
    },
  });
}

/** Says that it was asked, and answers when the test wants it, or never. */
function patient() {
  const asked: { readonly request: ElicitRequest; readonly signal: AbortSignal }[] = [];
  const isAsked = Promise.withResolvers<void>();
  const enough = Promise.withResolvers<void>();
  const onElicit: NonNullable<ServerCallbacks['onElicit']> = async (request, signal) => {
    asked.push({ request, signal });
    isAsked.resolve();
    await enough.promise;
    return { action: 'decline' };
  };
  return { asked, isAsked: isAsked.promise, answer: () => enough.resolve(), onElicit };
}

describe('a ping of the server', () => {
  it('is answered at once, with an empty result', () =>
    speaking({}, async ({ ask, answerTo }) => {
      await ask('ping-1', 'ping');
      expect(await answerTo('ping-1')).toEqual({ jsonrpc: '2.0', id: 'ping-1', result: {} });
    }));

  it('is answered also while the user has as many questions open as there may be', () => {
    const user = patient();
    return speaking(user, async ({ ask, answerTo }) => {
      for (let n = 0; n < 17; n++) await ask(`q${n}`, 'elicitation/create', ELICIT);
      expect((await answerTo('q16'))?.error).toMatchObject({ code: 429 });
      await ask('ping-1', 'ping');
      expect((await answerTo('ping-1'))?.result).toEqual({});
      user.answer();
      expect((await answerTo('q0'))?.result).toEqual({ action: 'decline' });
    });
  });
});

describe('a request of the server that it takes back', () => {
  it('takes its question back from the user, is not answered, and leaves a trace of why', () => {
    const user = patient();
    return speaking(user, async ({ lab, client, ask, say, answerTo }) => {
      await ask('q', 'elicitation/create', ELICIT);
      await user.isAsked;
      const params = { requestId: 'q', reason: 'found out otherwise' };
      await say({ method: 'notifications/cancelled', params });
      await ask('ping-1', 'ping');
      await answerTo('ping-1');
      expect(user.asked[0]?.signal.aborted).toBe(true);
      user.answer();
      await client.connection.ping();
      expect(lab.received.filter(({ message }) => message?.id === 'q')).toEqual([]);
      expect(JSON.stringify(client.trace)).toContain('found out otherwise');
    });
  });

  it('is answered all the same where what is taken back is unknown, over, or said in no known form', () => {
    const user = patient();
    return speaking(user, async ({ client, ask, say, answerTo }) => {
      await ask('ping-1', 'ping');
      await answerTo('ping-1');
      await ask('q', 'elicitation/create', ELICIT);
      await user.isAsked;
      for (const params of [{ requestId: 'ping-1' }, { requestId: 7 }, { requestId: null }, {}, undefined])
        await say({ method: 'notifications/cancelled', ...(params && { params }) });
      user.answer();
      expect((await answerTo('q'))?.result).toEqual({ action: 'decline' });
      expect(user.asked[0]?.signal.aborted).toBe(false);
      expect(client.warnings()).toEqual([]);
    });
  });
});

it('a notification is never answered, be it known or not', () =>
  speaking({}, async ({ lab, client, say, ask, answerTo }) => {
    const before = lab.received.length;
    for (const method of ['notifications/tools/list_changed', 'notifications/of/tomorrow', 'tools/call'])
      await say({ method, params: {} });
    await ask('ping-1', 'ping');
    await answerTo('ping-1');
    expect(lab.received.slice(before).map(({ message }) => message?.id)).toEqual(['ping-1']);
    expect(client.warnings()).toEqual([]);
  }));

describe('a question for the roots', () => {
  it('is told that there are none to give, where none were declared', () =>
    speaking({}, async ({ ask, answerTo }) => {
      await ask('r', 'roots/list');
      expect(await answerTo('r')).toMatchObject({ id: 'r', error: { code: -32601 } });
    }));

  it('is told of a failure of this client as one', () => {
    const roots = () => {
      throw new Error('no workspace');
    };
    return speaking({ roots }, async ({ ask, answerTo }) => {
      await ask('r', 'roots/list');
      expect(await answerTo('r')).toMatchObject({ id: 'r', error: { code: -32603 } });
    });
  });
});

describe('an elicitation', () => {
  it('that is to be a task is answered as any other: this client declares no tasks', () => {
    const user = patient();
    user.answer();
    return speaking(user, async ({ lab, ask, answerTo }) => {
      const { message } = lab.received.find((one) => one.message?.method === 'initialize') ?? {};
      expect(message?.params?.capabilities).not.toHaveProperty('tasks');
      await ask('q', 'elicitation/create', { ...ELICIT, task: { ttl: 60_000 } });
      expect((await answerTo('q'))?.result).toEqual({ action: 'decline' });
    });
  });

  it('is answered whatever stands under the reserved names of its metadata', () => {
    const user = patient();
    user.answer();
    return speaking(user, async ({ client, ask, answerTo }) => {
      for (const [n, odd] of [7, null, [], { taskId: 7 }, 'x'].entries()) {
        const _meta = { 'io.modelcontextprotocol/related-task': odd, progressToken: odd };
        await ask(`q${n}`, 'elicitation/create', { ...ELICIT, _meta } as unknown as Params);
        expect((await answerTo(`q${n}`))?.result).toMatchObject({ action: 'decline' });
      }
      expect(client.warnings()).toEqual([]);
    });
  });

  it('is waited for an hour at most, and then its call fails', async () => {
    const hours: (() => void)[] = [];
    const clock: Clock = {
      ...systemClock,
      schedule(ms, task) {
        if (ms === 3_600_000) hours.push(task);
        return systemClock.schedule(ms, task);
      },
    };
    const user = patient();
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url, {}, user, clock);
    const call = failureOf(client.connection.callTool('ask', {}));
    await user.isAsked;
    expect(hours).toHaveLength(1);
    hours[0]?.();
    expect((await call).code).toBe('request-timeout');
    expect(user.asked[0]?.signal.aborted).toBe(true);
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
  });
});
