import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import type { Task } from '../../../src/core/mcp/mcpTypes.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import { jsonAnswer } from '../../lab/answer.ts';
import type { Message } from '../../lab/jsonrpc.ts';
import { type Lab, type LabOptions, startLab } from '../../lab/lab.ts';
import { answerOf } from '../../lab/modes.ts';
import type { Step } from '../../lab/tasks.ts';
import { type LabTool, text } from '../../lab/tools.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

const ERAS = [
  ['2026-07-28', {}],
  ['2025-11-25', { era: 'legacy' }],
] as const satisfies readonly (readonly [string, LabOptions])[];

function job(steps: readonly Step[], taskSupport = 'required', pollMs = 150): LabTool {
  return {
    definition: { name: 'job', inputSchema: { type: 'object' }, execution: { taskSupport } },
    steps,
    pollMs,
    run: async () => text('called as a tool'),
  };
}

function received(lab: Lab, method: string): readonly Message[] {
  return lab.received.flatMap(({ message }) => (message?.method === method ? [message] : []));
}

/** On which the waits between polls of so many milliseconds are over at once, and noted. */
function hastyClock(...skipped: number[]): { clock: Clock; waits: number[] } {
  const waits: number[] = [];
  const clock: Clock = {
    ...systemClock,
    schedule(ms, task) {
      if (!skipped.includes(ms)) return systemClock.schedule(ms, task);
      waits.push(ms);
      return systemClock.schedule(0, task);
    },
  };
  return { clock, waits };
}

type Shape = (task: Record<string, unknown>) => object;

/** A lab whose answers to a method are those of the protocol in another shape. */
function labOfShape(options: LabOptions, method: string, shape: Shape): Promise<Lab> {
  return startLab({
    ...options,
    tools: [job(['working', 'working', 'completed'])],
    on: [method],
    mode: async ({ reply, run }) => {
      const outcome = await run();
      if (outcome.kind !== 'response') throw new Error('no answer');
      const response = outcome.response as { result: Record<string, unknown> };
      const { task, resultType: _, ...flat } = response.result;
      const result = shape((task as Record<string, unknown> | undefined) ?? flat);
      await jsonAnswer(200, { ...response, result })({ reply } as never);
    },
  });
}

const ada = { onElicit: async () => ({ action: 'accept', content: { name: 'Ada' } }) as const };

describe.each(ERAS)('a tool of a server of %s that runs as a task', (_, options) => {
  it('is polled in the interval that the server names, and gives its result', async () => {
    await using lab = await startLab({ ...options, tools: [job(['working', 'working', 'completed'])] });
    const { clock, waits } = hastyClock(150);
    const states: Task[] = [];
    await using client = connectTo(lab.url, {}, {}, clock);
    const outcome = await client.connection.callTool('job', {}, { onTask: (task) => states.push(task) });
    expect(textOf(outcome)).toBe('done');
    expect(states.map(({ status }) => status)).toEqual(['working', 'working', 'completed']);
    expect(states[0]).toMatchObject({ taskId: 'lab-task-1', statusMessage: '3 steps to go' });
    expect(waits).toEqual([150, 150]);
    expect(received(lab, 'tools/call')).toHaveLength(1);
    expect(received(lab, 'tasks/get')).toHaveLength(2);
    expect(received(lab, 'tasks/result')).toHaveLength('era' in options ? 1 : 0);
    expect(client.warnings()).toEqual([]);
    // What a task takes is no latency of the server's.
    expect(client.connection.snapshot().latency.count).toBe(0);
  });

  it('may ask in between, once', async () => {
    const steps: Step[] = ['working', 'input_required', 'working', 'completed'];
    await using lab = await startLab({ ...options, tools: [job(steps)] });
    let asked = 0;
    await using client = connectTo(
      lab.url,
      {},
      {
        onElicit: async () => {
          asked++;
          return { action: 'accept', content: { name: 'Ada' } };
        },
      },
      hastyClock(150).clock,
    );
    expect(textOf(await client.connection.callTool('job', {}))).toBe('done for Ada');
    expect(asked).toBe(1);
    expect(client.warnings()).toEqual([]);
  });

  it('is cancelled with its call', async () => {
    await using lab = await startLab({ ...options, tools: [job(['working', 'working', 'working'])] });
    const abort = new AbortController();
    await using client = connectTo(lab.url);
    const call = client.connection.callTool('job', {}, { signal: abort.signal, onTask: () => abort.abort() });
    expect(await failureOf(call)).toMatchObject({ code: 'cancelled' });
    await lab.waitFor((one) => received(one, 'tasks/cancel').length === 1);
    expect(received(lab, 'tasks/cancel')[0]?.params?.['taskId']).toBe('lab-task-1');
    // Nothing is asked of a task that was cancelled: it may be gone.
    await client.connection.callTool('say_hello', {});
    const after = lab.received.findIndex(({ message }) => message?.method === 'tasks/cancel');
    expect(lab.received.slice(after + 1).map(({ message }) => message?.method)).toEqual(['tools/call']);
    expect(client.warnings()).toEqual([]);
  });

  it('and fails, or is cancelled by the server, is told', async () => {
    for (const [last, legacy, modern] of [
      ['failed', 'done', 'the work went wrong'],
      ['cancelled', 'the server cancelled it', 'the server cancelled it'],
    ] as const) {
      await using lab = await startLab({ ...options, tools: [job(['working', last])] });
      await using client = connectTo(lab.url, {}, {}, hastyClock(150).clock);
      const call = client.connection.callTool('job', {});
      if (last === 'failed' && 'era' in options) {
        const { result } = await call;
        expect(result.isError).toBe(true);
        expect(JSON.stringify(result)).toContain(legacy);
      } else {
        const error = await failureOf(call);
        expect(error.code).toBe('task-failed');
        expect(error.message).toContain('era' in options ? legacy : modern);
      }
    }
  });

  it('outlives the connections that it is polled over', async () => {
    await using lab = await startLab({
      ...options,
      tools: [job(['working', 'working', 'completed'])],
      on: ['tasks/get'],
      mode: (() => {
        let polls = 0;
        return async ({ reply, run }) => {
          // A poll may be made again by itself: two in a row are a poll that was lost.
          if (++polls <= 2) return reply.hangUp();
          const outcome = await run();
          if (outcome.kind === 'response') await jsonAnswer(200, outcome.response)({ reply } as never);
        };
      })(),
    });
    await using client = connectTo(lab.url, {}, {}, hastyClock(150).clock);
    expect(textOf(await client.connection.callTool('job', {}))).toBe('done');
    expect(received(lab, 'tasks/get')).toHaveLength(4);
  });

  it('that the server has lost is an error', async () => {
    const unknown = { code: -32602, message: 'Task not found' };
    await using lab = await startLab({
      ...options,
      tools: [job(['working', 'completed'])],
      on: ['tasks/get'],
      mode: (exchange) =>
        jsonAnswer(200, { jsonrpc: '2.0', id: exchange.request.message?.id, error: unknown })(exchange),
    });
    await using client = connectTo(lab.url, {}, {}, hastyClock(150).clock);
    expect(await failureOf(client.connection.callTool('job', {}))).toMatchObject({
      rpc: unknown,
      // The answer to the poll is none to the call.
      delivery: 'unknown',
    });
    expect(received(lab, 'tasks/get')).toHaveLength(1);
  });

  it('is not polled more often than is decent, nor less than is useful', async () => {
    for (const [named, waited] of [
      [0, 100],
      [3_600_000, 60_000],
      ['soon' as unknown as number, 1_000],
    ] as const) {
      await using lab = await startLab({
        ...options,
        tools: [job(['working', 'completed'], 'required', named)],
      });
      const { clock, waits } = hastyClock(waited);
      await using client = connectTo(lab.url, {}, {}, clock);
      await client.connection.callTool('job', {});
      expect(waits.filter((ms) => ms === waited).length).toBeGreaterThanOrEqual(1);
    }
  });

  it.each([
    ['without an id', { status: 'working' }],
    ['in a state that nobody knows', { taskId: '1', status: 'dreaming' }],
  ])('%s is no task', async (_, task) => {
    await using lab = await startLab({
      ...options,
      tools: [job(['working'])],
      mode: (exchange) => {
        const result = 'era' in options ? { task } : { resultType: 'task', ...task };
        return jsonAnswer(200, { jsonrpc: '2.0', id: exchange.request.message?.id, result })(exchange);
      },
    });
    await using client = connectTo(lab.url);
    expect(await failureOf(client.connection.callTool('job', {}))).toMatchObject({
      code: 'not-mcp',
      delivery: 'unknown',
    });
  });
});

describe.each(ERAS)('a task that a server of %s gives in another shape', (_, options) => {
  const isLegacy = 'era' in options;
  const flat: Shape = (task) => task;
  const member: Shape = (task) => ({ task });
  const shapes: [string, Shape][] = [
    ['with an empty content beside it', (task) => ({ ...task, content: [] })],
    isLegacy ? ['as the result itself', flat] : ['without its resultType', flat],
    ['as a complete result', (task) => ({ ...task, resultType: 'complete' })],
    isLegacy
      ? ['with the resultType of another revision', (task) => ({ ...task, resultType: 'task' })]
      : ['as a member', (task) => ({ task, resultType: 'task' })],
    ...(isLegacy
      ? []
      : ([
          ['as a member without its resultType, beside an empty content', (task) => ({ task, content: [] })],
        ] as [string, Shape][])),
  ];

  it.each(shapes)('%s is followed to its result, with one warning', async (_, shape) => {
    await using lab = await labOfShape(options, 'tools/call', shape);
    const states: string[] = [];
    await using client = connectTo(lab.url, {}, {}, hastyClock(150).clock);
    const onTask = ({ status }: Task) => states.push(status);
    const outcome = await client.connection.callTool('job', {}, { onTask });
    expect(textOf(outcome)).toBe('done');
    expect(outcome.odd).toEqual([]);
    expect(states).toEqual(['working', 'working', 'completed']);
    expect(client.warnings()).toEqual([
      expect.stringMatching(/^the answer to tools\/call is a task, but not in/),
    ]);
  });

  it('is followed where its polls are the odd ones, and its result is shown as it was sent', async () => {
    await using lab = await labOfShape(options, 'tasks/get', member);
    await using client = connectTo(lab.url, {}, {}, hastyClock(150).clock);
    const outcome = await client.connection.callTool('job', {});
    expect(textOf(outcome)).toBe('done');
    expect(client.warnings()).toEqual([expect.stringContaining('the answer to tasks/get is a task')]);
    const { sent } = outcome;
    const shown = sent?.result.reduce<unknown>((at, key) => (at as never)[key], JSON.parse(sent.text));
    expect(shown).toMatchObject({ content: [{ text: 'done' }] });
  });

  it('in a state that nobody knows is an error, and no result', async () => {
    await using lab = await labOfShape(options, 'tools/call', (task) => ({ ...task, status: 'in_progress' }));
    await using client = connectTo(lab.url);
    const failure = await failureOf(client.connection.callTool('job', {}));
    expect(failure).toMatchObject({ code: 'not-mcp', delivery: 'unknown' });
  });

  it('is a result where it says what a result says', async () => {
    const content = [{ type: 'text', text: 'here' }];
    await using lab = await labOfShape(options, 'tools/call', (task) => ({ ...task, content }));
    await using client = connectTo(lab.url);
    expect(textOf(await client.connection.callTool('job', {}))).toBe('here');
    expect(received(lab, 'tasks/get')).toEqual([]);
  });

  it.each([{}, { tools: [] }, { taskId: 'k1' }, { status: 'working' }, { content: [], isError: false }])(
    'what has nothing of a task and nothing of a result is odd, and no success without a word: %j',
    async (answer) => {
      await using lab = await labOfShape(options, 'tools/call', () => answer);
      await using client = connectTo(lab.url);
      const { result, odd } = await client.connection.callTool('job', {});
      expect(result.content).toEqual([]);
      // An empty list is what the protocol has for a tool that says nothing.
      if ('content' in answer) expect(odd).toEqual([]);
      else expect(odd).toEqual([expect.stringContaining('The result has no "content"')]);
    },
  );
});

it('a task of 2025-11-25 in another shape is cancelled, too, where its call was called off before it came', async () => {
  await using lab = await startLab({
    era: 'legacy',
    tools: [job(['working', 'working'])],
    on: ['tools/call'],
    mode: async (exchange) => {
      const { reply, run, hold } = exchange;
      const outcome = await run();
      await hold();
      const response = (outcome as unknown as { response: { result: { task: object } } }).response;
      await jsonAnswer(200, { ...response, result: response.result.task })({ reply } as never);
    },
  });
  await using client = connectTo(lab.url);
  const abort = new AbortController();
  const call = client.connection.callTool('job', {}, { signal: abort.signal });
  await lab.waitFor(({ counts }) => counts.held === 1);
  abort.abort();
  expect(await failureOf(call)).toMatchObject({ code: 'cancelled' });
  lab.release();
  await lab.waitFor((one) => received(one, 'tasks/cancel').length === 1);
  expect(received(lab, 'tasks/cancel')[0]?.params?.['taskId']).toBe('lab-task-1');
});

it('a task of 2025-11-25 goes by its name in what is said about it, and its call hears of its progress', async () => {
  await using lab = await startLab({
    era: 'legacy',
    tools: [job(['working', 'input_required', 'working', 'completed'])],
  });
  const seen: number[] = [];
  await using client = connectTo(lab.url, {}, ada, hastyClock(150).clock);
  await client.connection.callTool('job', {}, { onProgress: ({ progress }) => seen.push(progress) });
  expect(seen).toEqual([1]);
  const answer = lab.received.find(({ message }) => message?.result !== undefined)?.message?.result;
  expect(answer).toMatchObject({
    action: 'accept',
    _meta: { 'io.modelcontextprotocol/related-task': { taskId: 'lab-task-1' } },
  });
  // Where the task is a parameter, it is named there alone.
  for (const method of ['tasks/get', 'tasks/result'])
    for (const { params } of received(lab, method)) expect(params).toEqual({ taskId: 'lab-task-1' });
});

it('a task of 2025-11-25 is polled on where the wait for its result was lost', async () => {
  let waits = 0;
  await using lab = await startLab({
    era: 'legacy',
    tools: [job(['working', 'input_required', 'working', 'completed'])],
    on: ['tasks/result'],
    // Made again by itself: two in a row are a wait that was lost.
    mode: async (exchange) => (++waits <= 2 ? exchange.reply.hangUp() : answerOf('prompt')(exchange)),
  });
  const states: string[] = [];
  await using client = connectTo(lab.url, {}, ada, hastyClock(150).clock);
  const options = { onTask: ({ status }: Task) => states.push(status) };
  expect(textOf(await client.connection.callTool('job', {}, options))).toBe('done for Ada');
  expect(states).toEqual(['working', 'input_required', 'input_required']);
  expect(received(lab, 'tasks/get')).toHaveLength(2);
});

describe('who decides that a call is a task', () => {
  it('is in 2025-11-25 the tool, and where it leaves the choice the caller', async () => {
    for (const [support, asTask, expected] of [
      ['required', undefined, true],
      ['optional', undefined, false],
      ['optional', true, true],
      ['forbidden', true, false],
    ] as const) {
      await using lab = await startLab({ era: 'legacy', tools: [job(['completed'], support)] });
      await using client = connectTo(lab.url);
      await client.connection.callTool('job', {}, asTask === undefined ? {} : { asTask });
      expect('task' in (received(lab, 'tools/call')[0]?.params ?? {})).toBe(expected);
      // It does not say that it can be a task.
      await client.connection.callTool('say_hello', {}, { asTask: true });
      expect(received(lab, 'tools/call')[1]?.params).not.toHaveProperty('task');
    }
  });

  it('is in 2026-07-28 the server, for a client that says that it can', async () => {
    await using lab = await startLab({ tools: [job(['completed'], 'optional')] });
    await using client = connectTo(lab.url);
    expect(textOf(await client.connection.callTool('job', {}))).toBe('done');
    const { params } = received(lab, 'tools/call')[0] ?? {};
    expect(params).not.toHaveProperty('task');
    expect(params?._meta?.['io.modelcontextprotocol/clientCapabilities']).toMatchObject({
      extensions: { 'io.modelcontextprotocol/tasks': {} },
    });
  });

  it('is nobody where the server does not declare that calls can be tasks, whatever its tools say', async () => {
    for (const capabilities of [{ tools: {} }, { tools: {}, tasks: { cancel: {}, requests: {} } }]) {
      await using lab = await startLab({
        era: 'legacy',
        sessions: false,
        tools: [job(['completed'], 'required')],
        on: ['initialize'],
        mode: (exchange) => {
          const serverInfo = { name: 'lab', version: '1' };
          const result = { protocolVersion: '2025-11-25', capabilities, serverInfo };
          return jsonAnswer(200, { jsonrpc: '2.0', id: exchange.request.message?.id, result })(exchange);
        },
      });
      await using client = connectTo(lab.url);
      // The server insists, and so it refuses.
      expect(await failureOf(client.connection.callTool('job', {}, { asTask: true }))).toMatchObject({
        rpc: { code: -32601 },
      });
      expect(received(lab, 'tools/call')[0]?.params).not.toHaveProperty('task');
    }
  });

  it('is nobody in a revision without tasks', async () => {
    await using lab = await startLab({ era: 'legacy', tools: [job(['completed'], 'optional')] });
    await using client = connectTo(lab.url, { protocol: '2025-06-18' });
    await client.connection.callTool('job', {}, { asTask: true });
    expect(received(lab, 'tools/call')[0]?.params).not.toHaveProperty('task');
  });
});

describe('a call of 2025-11-25 that is called off before it is known as which task it runs', () => {
  const off: LabOptions = { era: 'legacy', tools: [job(['working', 'working'])], mode: 'slow-headers' };

  it('is cancelled as a task, as soon as that is known, and never as a request', async () => {
    await using lab = await startLab(off);
    await using client = connectTo(lab.url);
    const abort = new AbortController();
    const call = client.connection.callTool('job', {}, { signal: abort.signal });
    await lab.waitFor(({ counts }) => counts.held === 1);
    abort.abort();
    expect(await failureOf(call)).toMatchObject({ code: 'cancelled', delivery: 'unknown' });
    lab.release();
    await lab.waitFor((one) => received(one, 'tasks/cancel').length === 1);
    expect(received(lab, 'tasks/cancel')[0]?.params?.['taskId']).toBe('lab-task-1');
    expect(received(lab, 'notifications/cancelled')).toEqual([]);
    expect(client.warnings()).toEqual([]);
  });

  it('by its time-out, is not cancelled as a request either', async () => {
    await using lab = await startLab(off);
    await using client = connectTo(lab.url);
    expect((await failureOf(client.connection.callTool('job', {}, { timeout: 60 }))).code).toBe(
      'request-timeout',
    );
    await client.connection.ping();
    expect(received(lab, 'notifications/cancelled')).toEqual([]);
  });

  it('and was not sent yet, is not sent', async () => {
    await using lab = await startLab(off);
    await using client = connectTo(lab.url, { pool: { ...DEFAULT_POOL, maxConnections: 1 } });
    await client.connection.listTools();
    const abort = new AbortController();
    const first = client.connection.callTool('add', { a: 1, b: 1 });
    await lab.waitFor(({ counts }) => counts.held === 1);
    const second = failureOf(client.connection.callTool('job', {}, { signal: abort.signal }));
    await expect.poll(() => client.connection.snapshot().pool.queued).toBe(1);
    abort.abort();
    expect(await second).toMatchObject({ code: 'cancelled', delivery: 'not-sent' });
    lab.release();
    await first;
    expect(received(lab, 'tools/call')).toHaveLength(1);
  });
});

it('a task that still shows a question that was answered is not answered twice', async () => {
  let polls = 0;
  await using lab = await startLab({
    tools: [job(['working', 'completed'])],
    on: ['tasks/get', 'tasks/update'],
    mode: (exchange) => {
      const { id, method } = exchange.request.message ?? {};
      const inputRequests = { where: { method: 'roots/list' } };
      const asking = { taskId: 'lab-task-1', status: 'input_required', inputRequests };
      const done = { taskId: 'lab-task-1', status: 'completed', result: { content: [] } };
      const state = method === 'tasks/update' ? {} : ++polls < 4 ? asking : done;
      const result = { resultType: 'complete', ...state };
      return jsonAnswer(200, { jsonrpc: '2.0', id, result })(exchange);
    },
  });
  const roots = () => [{ uri: 'file:///home/ada' }];
  await using client = connectTo(lab.url, {}, { roots }, hastyClock(150, 1_000).clock);
  await client.connection.callTool('job', {});
  expect(received(lab, 'tasks/get')).toHaveLength(4);
  expect(received(lab, 'tasks/update')).toHaveLength(1);
});

it('a task that asks for ever is given up', async () => {
  let n = 0;
  const inputRequests = () =>
    Object.fromEntries(Array.from({ length: 20 }, () => [`key-${++n}`, { method: 'roots/list' }]));
  await using lab = await startLab({
    tools: [job(['working', 'completed'])],
    on: ['tasks/get', 'tasks/update'],
    mode: (exchange) => {
      const { id, method } = exchange.request.message ?? {};
      const state = { taskId: 'lab-task-1', status: 'input_required', inputRequests: inputRequests() };
      const result = { resultType: 'complete', ...(method === 'tasks/get' && state) };
      return jsonAnswer(200, { jsonrpc: '2.0', id, result })(exchange);
    },
  });
  const roots = () => [{ uri: 'file:///home/ada' }];
  await using client = connectTo(lab.url, {}, { ...ada, roots }, hastyClock(150, 1_000).clock);
  expect(await failureOf(client.connection.callTool('job', {}))).toMatchObject({
    code: 'input-required-failed',
  });
});

it('a task that is called off while it is asked for leaves nobody waiting', async () => {
  await using lab = await startLab({ tools: [job(['input_required', 'completed'])] });
  const asked = Promise.withResolvers<void>();
  await using client = connectTo(
    lab.url,
    {},
    {
      onElicit: () => {
        asked.resolve();
        return new Promise(() => {});
      },
    },
    hastyClock(150).clock,
  );
  const call = client.connection.callTool('job', {});
  await asked.promise;
  await client.connection.disconnect();
  expect(await failureOf(call)).toMatchObject({ code: 'closed' });
});
