import { describe, expect, it } from 'vitest';
import type { SluiceError } from '../../../src/core/errors.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import type { ServerCallbacks } from '../../../src/core/servers/serverCallbacks.ts';
import { type Answer, refusal } from '../../lab/answer.ts';
import { type Lab, type LabOptions, startLab } from '../../lab/lab.ts';
import { redirect, status } from '../../lab/modes/statuses.ts';
import { prompt } from '../../lab/modes/whole.ts';
import { answerOf } from '../../lab/modes.ts';
import type { Step } from '../../lab/tasks.ts';
import { Refused } from '../../lab/toolCall.ts';
import { type LabTool, text } from '../../lab/tools.ts';
import { type Connected, connectTo, failureOf, textOf } from './connectTo.ts';
import { startRawServer } from './rawServer.ts';

/** Milliseconds between polls of a task whose server asks for 150: each that was lost makes the next twice as long. */
const PAUSES = [150, 300, 600, 1_200];

/** On which pauses between polls are over at once. */
const hasty: Clock = {
  ...systemClock,
  schedule: (ms, task) => systemClock.schedule(PAUSES.includes(ms) ? 0 : ms, task),
};

/** The world when the next request of a call is due. */
interface World {
  readonly lab: Lab;
  readonly client: Connected;
  readonly abort: AbortController;
}

/** What a call meets after its first request was answered, or lost. */
const TURNS: readonly (readonly [string, (world: World) => unknown])[] = [
  ['the server is gone', ({ lab }) => lab.close()],
  ['the server closes its connections', ({ lab }) => lab.disconnect()],
  ['the server ends each connection', ({ lab }) => lab.use('fin-after-request', 'all')],
  ['the server resets each connection', ({ lab }) => lab.use('reset-after-request', 'all')],
  ['a gateway says 502', ({ lab }) => lab.use(status(502), 'all')],
  ['a gateway says 503', ({ lab }) => lab.use(status(503), 'all')],
  ['a gateway says 504', ({ lab }) => lab.use(status(504), 'all')],
  ['the credentials are over', ({ lab }) => lab.use('401', 'all')],
  ['the server has too much to do', ({ lab }) => lab.use('429', 'all')],
  ['a proxy wants credentials', ({ lab }) => lab.use(status(407), 'all')],
  ['the user cancels', ({ abort }) => abort.abort()],
  ['the user disconnects', ({ client }) => client.connection.disconnect()],
];

/** A call that takes more than one request: the turn comes between the first and the one after it. */
interface Path {
  readonly lab: LabOptions;
  /** A question to the user is a turn, and whatever calls `turn`. */
  readonly call: (client: Connected, signal: AbortSignal, turn: () => void) => Promise<unknown>;
  /** `tools/call` where absent. */
  readonly method?: string;
  /** Answers the first request of that method; the turn comes behind it. */
  readonly first?: Answer;
}

const idempotent: LabTool = {
  definition: { name: 'set', inputSchema: { type: 'object' }, annotations: { idempotentHint: true } },
  run: async () => text('set'),
};
const guarded: LabTool = {
  definition: { name: 'guarded', inputSchema: { type: 'object' } },
  run: async () => {
    const one = { mode: 'url', elicitationId: 'a', url: 'https://example.com/', message: 'Log in' };
    throw new Refused(-32042, 'Log in first', { elicitations: [one] });
  },
};
function job(...steps: Step[]): LabTool {
  return {
    definition: { name: 'job', inputSchema: { type: 'object' }, execution: { taskSupport: 'required' } },
    steps,
    pollMs: 150,
    run: async () => text('called as a tool'),
  };
}

const LOSES_SESSION: Answer = (exchange) => answerOf('session-lost')(exchange);

function callTool(name: string): Path['call'] {
  return ({ connection }, signal) => connection.callTool(name, {}, { signal });
}
function followTask(turnsAt: string): Path['call'] {
  return ({ connection }, signal, turn) =>
    connection.callTool('job', {}, { signal, onTask: ({ status }) => status === turnsAt && turn() });
}

const PATHS: Readonly<Record<string, Path>> = {
  'another round of a tool': { lab: {}, call: callTool('ask') },
  'another round of a prompt': {
    lab: {},
    call: ({ connection }, signal) => connection.getPrompt('greeting', {}, { signal }),
    method: 'prompts/get',
  },
  'a page in the browser': { lab: { era: 'legacy', tools: [guarded] }, call: callTool('guarded') },
  'the poll of a task of 2026-07-28': {
    lab: { tools: [job('working', 'working', 'completed')] },
    call: followTask('working'),
  },
  'the poll of a task of 2025-11-25': {
    lab: { era: 'legacy', tools: [job('working', 'working', 'completed')] },
    call: followTask('working'),
  },
  'the result of a task': {
    lab: { era: 'legacy', tools: [job('working', 'completed')] },
    call: followTask('completed'),
  },
  'input for a task': { lab: { tools: [job('input_required', 'completed')] }, call: callTool('job') },
  'what a task asks on its stream': {
    lab: { era: 'legacy', tools: [job('input_required', 'completed')] },
    call: callTool('job'),
  },
  'a repeat of what was lost': {
    lab: { tools: [idempotent] },
    call: callTool('set'),
    first: answerOf('fin-after-request'),
  },
  'a new session': { lab: { era: 'legacy' }, call: callTool('add'), first: LOSES_SESSION },
  'the rest of a stream': {
    lab: { era: 'legacy' },
    call: callTool('add'),
    first: answerOf({ name: 'resumable', options: { retryMs: 0 } }),
  },
  'a redirect': { lab: {}, call: callTool('add'), first: redirect(307, { to: '/mcp' }) },
  'a list that tells the headers of a tool': {
    lab: {},
    call: callTool('add'),
    first: (exchange) =>
      refusal(400, { code: -32020, message: 'no' }, exchange.request.message?.id)(exchange),
  },
  'the next page of a list': {
    lab: { pageSize: 1 },
    call: ({ connection }, signal) => connection.listTools({ refresh: true, signal }),
    method: 'tools/list',
    first: prompt,
  },
};

/** Calls a server that does as it should until the turn; gives what the call failed with, and how often it was asked. */
async function failureAfter(
  turnOf: (world: World) => unknown,
  { lab: options, call, method = 'tools/call', first }: Path,
) {
  let isOver = false;
  await using lab = await startLab({ ...options });
  const abort = new AbortController();
  const turn = async () => {
    if (isOver) return;
    isOver = true;
    await turnOf({ lab, client, abort });
  };
  const callbacks: Partial<ServerCallbacks> = {
    onElicit: async ({ mode }) => {
      if (mode === 'url') await lab.notify('notifications/elicitation/complete', { elicitationId: 'a' });
      else await turn();
      return { action: 'accept', content: { name: 'Ada' } };
    },
    onElicitationComplete: () => void turn(),
  };
  await using client = connectTo(lab.url, { requestTimeout: 2_000 }, callbacks, hasty);
  await client.connection.connect();
  if (first !== undefined)
    lab.use(
      async (exchange) => {
        await first(exchange);
        void turn();
      },
      [method],
    );
  const asked = () => lab.received.filter(({ message }) => message?.method === method).length;
  const before = asked();
  const called = call(client, abort.signal, () => void turn());
  const error = await called.then(
    () => undefined,
    (failure: SluiceError) => failure,
  );
  return { error, asked: asked() - before, isOver };
}

describe.each(Object.entries(PATHS))('a call that needs %s', (_, path) => {
  it('and finds the server gone is told as one that may have run', async () => {
    const { error, asked, isOver } = await failureAfter(({ lab }) => lab.close(), path);
    expect({ isOver, isAsked: asked > 0 }).toEqual({ isOver: true, isAsked: true });
    // A session that was lost is known to be: there the server has answered, and nothing ran.
    expect(error?.delivery).toBe(path.first === LOSES_SESSION ? 'answered' : 'unknown');
  });

  it.each(TURNS)('and meets this before is never told as not sent: %s', async (_turn, turn) => {
    const { error, asked, isOver } = await failureAfter(turn, path);
    expect({ isOver, isAsked: asked > 0 }).toEqual({ isOver: true, isAsked: true });
    if (error !== undefined) expect(['unknown', 'answered']).toContain(error.delivery);
  });
});

describe('a call of which nothing was sent', () => {
  it.each([
    ['a server that wants credentials', '401', 'unauthorized'],
    ['a gateway without a server', '503', 'http-status'],
  ] as const)('is told so, whatever became of the handshake: %s', async (_, mode, code) => {
    await using lab = await startLab({ mode, on: 'all' });
    await using client = connectTo(lab.url);
    const error = await failureOf(client.connection.callTool('add', { a: 1, b: 1 }));
    expect(error).toMatchObject({ code, delivery: 'not-sent' });
    expect(lab.received.some(({ message }) => message?.method === 'tools/call')).toBe(false);
  });

  it('is told so where the session had to be renewed first, and could not', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url);
    await client.connection.connect();
    lab.sessions.forget();
    lab.use('503', ['initialize']);
    const error = await failureOf(client.connection.callTool('add', { a: 1, b: 1 }));
    expect(error).toMatchObject({ status: 503, delivery: 'not-sent' });
    expect(lab.received.some(({ message }) => message?.method === 'tools/call')).toBe(false);
  });
});

describe('what a gateway says in the place of a server', () => {
  it.each([408, 502, 503, 504, 520, 522, 524, 599])(
    '(%i) leaves open whether the tool ran: it is not called again, though it may be',
    async (code) => {
      await using lab = await startLab({
        tools: [idempotent],
        mode: async (exchange) => {
          await exchange.run();
          await status(code)(exchange);
        },
      });
      await using client = connectTo(lab.url);
      expect(await failureOf(client.connection.callTool('set', {}))).toMatchObject({
        status: code,
        delivery: 'unknown',
      });
      expect(lab.counts.calls.get('set')).toBe(1);
    },
  );
});

it('an empty 202 is no word on whether the tool has run', async () => {
  await using server = await startRawServer(
    ({ message, response }) => message.method === 'tools/call' && response.writeHead(202).end() && true,
  );
  await using client = connectTo(server.url);
  expect(await failureOf(client.connection.callTool('t', {}))).toMatchObject({
    code: 'not-mcp',
    delivery: 'unknown',
  });
});

describe('a task whose server is away for a while', () => {
  const THREE_LOST = [300, 600, 1_200];

  /** Pauses are over at once, and noted; `back` is waited for in the last one that there may be. */
  function pausing(back: () => Promise<void>): { clock: Clock; pauses: number[] } {
    const pauses: number[] = [];
    const clock: Clock = {
      ...systemClock,
      schedule(ms, task) {
        if (!PAUSES.includes(ms)) return systemClock.schedule(ms, task);
        pauses.push(ms);
        if (pauses.filter((one) => one > 150).length < 3) return systemClock.schedule(0, task);
        void back().then(task);
        return () => undefined;
      },
    };
    return { clock, pauses };
  }

  it.each([
    ['2026-07-28', {}],
    ['2025-11-25', { era: 'legacy' }],
  ] as const)('is followed to its end (%s), though its port refuses three polls', async (_, options) => {
    await using lab = await startLab({ ...options, tools: [job('working', 'completed')] });
    const { clock, pauses } = pausing(() => lab.comeBack());
    await using client = connectTo(lab.url, {}, {}, clock);
    let states = 0;
    const onTask = () => states++ === 0 && void lab.goAway();
    expect(textOf(await client.connection.callTool('job', {}, { onTask }))).toBe('done');
    expect(pauses.slice(0, 4)).toEqual([150, ...THREE_LOST]);
    expect(lab.received.filter(({ message }) => message?.method === 'tools/call')).toHaveLength(1);
  });

  it.each([502, 503, 504])('is followed to its end, though a gateway says %i three times', async (code) => {
    await using lab = await startLab({ tools: [job('working', 'completed')] });
    const { clock, pauses } = pausing(async () => lab.use('prompt'));
    await using client = connectTo(lab.url, {}, {}, clock);
    lab.use(status(code), ['tasks/get']);
    expect(textOf(await client.connection.callTool('job', {}))).toBe('done');
    expect(pauses.slice(0, 4)).toEqual([150, ...THREE_LOST]);
  });

  it.each(['tasks/result', 'tasks/update'])('gets what it is owed, though %s was lost', async (method) => {
    const isUpdate = method === 'tasks/update';
    const steps: Step[] = isUpdate ? ['input_required', 'completed'] : ['working', 'completed'];
    await using lab = await startLab({ era: isUpdate ? 'modern' : 'legacy', tools: [job(...steps)] });
    let left = 3;
    lab.use(async (exchange) => (left-- > 0 ? exchange.reply.hangUp() : prompt(exchange)), [method]);
    let asked = 0;
    const onElicit = async () => {
      asked++;
      return { action: 'accept', content: { name: 'Ada' } } as const;
    };
    await using client = connectTo(lab.url, {}, { onElicit }, hasty);
    const outcome = await client.connection.callTool('job', {});
    expect(textOf(outcome)).toBe(isUpdate ? 'done for Ada' : 'done');
    expect(asked).toBe(isUpdate ? 1 : 0);
  });

  it('is given up after four, and may still run', async () => {
    await using lab = await startLab({ tools: [job('working', 'completed')] });
    await using client = connectTo(lab.url, {}, {}, hasty);
    const call = client.connection.callTool('job', {}, { onTask: () => void lab.goAway() });
    expect(await failureOf(call)).toMatchObject({ code: 'connect-refused', delivery: 'unknown' });
  });
});
