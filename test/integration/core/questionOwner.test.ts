import { describe, expect, it } from 'vitest';
import type { ElicitOrigin, ElicitRequest } from '../../../src/core/mcp/mcpTypes.ts';
import type { ServerCallbacks } from '../../../src/core/servers/serverCallbacks.ts';
import { event } from '../../lab/answer.ts';
import { startLab } from '../../lab/lab.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';
import { answerWith, eventStream, resultOf, startRawServer } from './rawServer.ts';

const params = { mode: 'form', message: 'Who?', requestedSchema: { type: 'object', properties: {} } };
const question = (id: string) => ({ jsonrpc: '2.0' as const, id, method: 'elicitation/create', params });

/** A user who answers nothing, and the questions that they were asked. */
function silentUser() {
  const origins: ElicitOrigin[] = [];
  const waiting: { readonly many: number; readonly resolve: () => void }[] = [];
  const onElicit: NonNullable<ServerCallbacks['onElicit']> = (_request: ElicitRequest, _signal, origin) => {
    origins.push(origin);
    for (const { many, resolve } of waiting) if (origins.length >= many) resolve();
    return new Promise(() => undefined);
  };
  const asked = (many: number) =>
    new Promise<void>((resolve) => {
      if (origins.length >= many) resolve();
      else waiting.push({ many, resolve });
    });
  return { origins, asked, onElicit };
}

/** A legacy server that says what the test wants on the stream where it speaks unasked. */
async function speaking(requestTimeout: number, user: Pick<ServerCallbacks, 'onElicit'>) {
  const open = Promise.withResolvers<(text: string) => Promise<void>>();
  const lab = await startLab({
    era: 'legacy',
    on: ['GET'],
    mode: async ({ reply, hold }) => {
      await reply.write(reply.opening(), ':\n\n');
      open.resolve((text) => reply.write(text));
      await hold();
    },
  });
  const client = connectTo(lab.url, { requestTimeout }, user);
  await client.connection.connect();
  const write = await open.promise;
  return {
    lab,
    client,
    ask: (id: string) => write(event(question(id))),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await lab.close();
    },
  };
}

describe('the time of a call', () => {
  it('goes on while a question is open that was asked before it, however many follow', async () => {
    const user = silentUser();
    await using server = await speaking(1_500, user);
    await server.ask('q0');
    await user.asked(1);
    const call = failureOf(server.client.connection.callTool('gated', {}));
    await server.lab.waitFor(({ counts }) => counts.calls.get('gated') === 1);
    for (let n = 1; n <= 5; n++) await server.ask(`q${n}`);
    await user.asked(6);
    expect((await call).code).toBe('request-timeout');
    expect(new Set(user.origins)).toEqual(new Set(['unasked']));
  });

  it('goes on for each of several calls, where the server does not say which one it asks for', async () => {
    const user = silentUser();
    await using server = await speaking(1_500, user);
    const calls = ['a', 'b'].map(() => failureOf(server.client.connection.callTool('gated', {})));
    await server.lab.waitFor(({ counts }) => counts.calls.get('gated') === 2);
    await server.ask('q');
    await user.asked(1);
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual([
      'request-timeout',
      'request-timeout',
    ]);
    expect(user.origins).toEqual(['unasked']);
  });

  it('stands still for the call alone on whose stream the server asks', async () => {
    const user = silentUser();
    await using server = await startRawServer((asked) => {
      if (asked.message.method !== 'tools/call') return false;
      const { name } = (asked.message.params?.['arguments'] ?? {}) as { readonly name?: string };
      const send = eventStream(asked);
      if (name === 'asks') send(question('q'));
      return true;
    });
    const abort = new AbortController();
    await using client = connectTo(server.url, { requestTimeout: 400 }, user);
    let isOver = false;
    const asking = failureOf(
      client.connection.callTool('t', { name: 'asks' }, { signal: abort.signal }),
    ).finally(() => {
      isOver = true;
    });
    await user.asked(1);
    for (let n = 0; n < 2; n++) {
      const other = await failureOf(client.connection.callTool('t', { name: 'silent' }));
      expect(other.code).toBe('request-timeout');
    }
    expect(isOver).toBe(false);
    abort.abort();
    expect((await asking).code).toBe('cancelled');
    expect(user.origins).toEqual(['call']);
  });
});

describe('a question', () => {
  it('belongs to a call on its stream and in its rounds, and to none on the stream of a list', async () => {
    const origins: ElicitOrigin[] = [];
    const onElicit: ServerCallbacks['onElicit'] = async (_request, _signal, origin) => {
      origins.push(origin);
      return { action: 'decline' };
    };
    await using list = await startRawServer((asked) => {
      if (asked.message.method !== 'tools/list') return false;
      const send = eventStream(asked);
      send(question('q'));
      send(resultOf(asked, { tools: [] }));
      asked.response.end();
      return true;
    });
    await using listing = connectTo(list.url, {}, { onElicit });
    await listing.connection.listTools();
    await list[Symbol.asyncDispose]();
    expect(origins.splice(0)).toEqual(['unasked']);

    for (const era of ['legacy', 'modern'] as const) {
      await using lab = await startLab({ era });
      await using client = connectTo(lab.url, {}, { onElicit });
      expect(textOf(await client.connection.callTool('ask', {}))).not.toBe('');
      expect(origins.splice(0)).toEqual(['call']);
    }
  });

  it('belongs to none while nobody waits for anything', async () => {
    const user = silentUser();
    await using server = await speaking(20_000, user);
    await server.ask('q');
    await user.asked(1);
    expect(user.origins).toEqual(['unasked']);
  });
});

// A round of input_required has no request under way: what it takes is nobody's time.
it('a round that a person takes their time for costs its call none', async () => {
  let rounds = 0;
  await using server = await startRawServer(
    (asked) => {
      if (asked.message.method !== 'tools/call') return false;
      return rounds++ === 0
        ? answerWith(asked, {
            resultType: 'input_required',
            inputRequests: { it: { method: 'elicitation/create', params } },
          })
        : answerWith(asked, { content: [{ type: 'text', text: 'done' }] });
    },
    { era: 'modern' },
  );
  const user = Promise.withResolvers<void>();
  await using client = connectTo(
    server.url,
    { requestTimeout: 250 },
    {
      onElicit: async () => {
        setTimeout(user.resolve, 400);
        await user.promise;
        return { action: 'decline' };
      },
    },
  );
  expect(textOf(await client.connection.callTool('t', {}))).toBe('done');
});
