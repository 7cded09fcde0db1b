import { describe, expect, it } from 'vitest';
import type { Task } from '../../../src/core/mcp/mcpTypes.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import { jsonAnswer } from '../../lab/answer.ts';
import { type Lab, type LabOptions, startLab } from '../../lab/lab.ts';
import type { Step } from '../../lab/tasks.ts';
import { type LabTool, text } from '../../lab/tools.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

const ERAS = [
  ['2026-07-28', {}],
  ['2025-11-25', { era: 'legacy' }],
] as const satisfies readonly (readonly [string, LabOptions])[];

/** Polls of 150 ms come at once. */
const hasty: Clock = {
  ...systemClock,
  schedule: (ms, task) => systemClock.schedule(ms === 150 ? 0 : ms, task),
};

function job(...steps: readonly Step[]): LabTool {
  return {
    definition: {
      name: 'job',
      inputSchema: { type: 'object' },
      outputSchema: { type: 'object', required: ['sum'] },
      execution: { taskSupport: 'required' },
    },
    steps,
    pollMs: 150,
    run: async () => text('called as a tool'),
  };
}

const received = (lab: Lab, method: string) =>
  lab.received.flatMap(({ message }) => (message?.method === method ? [message] : []));

/** Begins a task over a connection of its own, which is gone when this resolves. */
async function leaveTask(lab: Lab): Promise<string> {
  const began = Promise.withResolvers<string>();
  const client = connectTo(lab.url);
  const onTask = ({ taskId }: Task) => began.resolve(taskId);
  const call = failureOf(client.connection.callTool('job', {}, { onTask }));
  const taskId = await began.promise;
  await client.connection.disconnect();
  expect((await call).code).toBe('closed');
  await client.connection.close();
  return taskId;
}

describe.each(ERAS)('a task of a server of %s', (_, options) => {
  it('outlives the connection in which it began, and is taken up by its id', async () => {
    await using lab = await startLab({ ...options, tools: [job('working', 'working', 'completed')] });
    const taskId = await leaveTask(lab);
    expect(received(lab, 'tasks/cancel')).toEqual([]);
    const states: Task[] = [];
    await using client = connectTo(lab.url, {}, {}, hasty);
    const outcome = await client.connection.resumeTask(taskId, {
      tool: 'job',
      onTask: (task) => states.push(task),
    });
    expect(textOf(outcome)).toBe('done');
    expect(outcome.violations).toEqual([expect.stringContaining('outputSchema')]);
    expect(states.map(({ status }) => status)).toEqual(['working', 'completed']);
    expect(received(lab, 'tools/call')).toHaveLength(1);
    expect(client.connection.snapshot()).toMatchObject({
      inFlight: 0,
      lastCall: { tool: 'job', outcome: 'ok' },
      latency: { count: 0 },
    });
    expect(client.warnings()).toEqual([]);
  });

  it('that is over when it is taken up gives its result at once, and one that failed says so', async () => {
    for (const last of ['completed', 'failed'] as const) {
      await using lab = await startLab({ ...options, tools: [job('working', last)] });
      const taskId = await leaveTask(lab);
      await using client = connectTo(lab.url);
      const resumed = client.connection.resumeTask(taskId);
      if (last === 'failed' && !('era' in options))
        expect((await failureOf(resumed)).code).toBe('task-failed');
      else expect((await resumed).result.isError).toBe(last === 'failed');
      expect(received(lab, 'tasks/get')).toHaveLength(1);
    }
  });

  it('may ask when it is taken up', async () => {
    await using lab = await startLab({ ...options, tools: [job('working', 'input_required', 'completed')] });
    const taskId = await leaveTask(lab);
    const onElicit = async () => ({ action: 'accept', content: { name: 'Ada' } }) as const;
    await using client = connectTo(lab.url, {}, { onElicit }, hasty);
    expect(textOf(await client.connection.resumeTask(taskId))).toBe('done for Ada');
  });

  it('is cancelled with who follows it again, or by its id alone', async () => {
    await using lab = await startLab({ ...options, tools: [job('working', 'working', 'completed')] });
    const [one, other] = [await leaveTask(lab), await leaveTask(lab)];
    await using client = connectTo(lab.url);
    const abort = new AbortController();
    const { signal } = abort;
    const following = client.connection.resumeTask(one, { signal, onTask: () => abort.abort() });
    expect((await failureOf(following)).code).toBe('cancelled');
    await lab.waitFor((lab) => received(lab, 'tasks/cancel').length === 1);
    await client.connection.cancelTask(other);
    expect(received(lab, 'tasks/cancel').map(({ params }) => params?.['taskId'])).toEqual([one, other]);
    expect((await failureOf(client.connection.resumeTask(other))).message).toContain('cancelled');
  });

  it('that the server does not know is told as the server tells it', async () => {
    await using lab = await startLab(options);
    await using client = connectTo(lab.url);
    const unknown = { code: 'jsonrpc-error', rpc: { code: -32602 } };
    expect(await failureOf(client.connection.resumeTask('lost'))).toMatchObject(unknown);
    expect(await failureOf(client.connection.cancelTask('lost'))).toMatchObject(unknown);
  });

  it('is left alone by a disconnect while it is followed', async () => {
    await using lab = await startLab({ ...options, tools: [job('working', 'working', 'completed')] });
    const taskId = await leaveTask(lab);
    await using client = connectTo(lab.url);
    const followed = Promise.withResolvers<void>();
    const resumed = failureOf(client.connection.resumeTask(taskId, { onTask: () => followed.resolve() }));
    await followed.promise;
    await client.connection.disconnect();
    expect((await resumed).code).toBe('closed');
    await lab.waitFor(({ counts }) => counts.open === 0);
    expect(received(lab, 'tasks/cancel')).toEqual([]);
  });
});

describe('the tasks of a server of 2025-11-25', () => {
  it('are listed as they are now, over all pages', async () => {
    await using lab = await startLab({ era: 'legacy', pageSize: 1, tools: [job('working', 'completed')] });
    const ids = [await leaveTask(lab), await leaveTask(lab), await leaveTask(lab)];
    await using client = connectTo(lab.url);
    const tasks = await client.connection.listTasks();
    expect(tasks.map(({ taskId }) => taskId)).toEqual(ids);
    expect(tasks[0]).toMatchObject({ status: 'working', createdAt: expect.stringContaining('2026') });
    await client.connection.cancelTask(ids[1] ?? '');
    expect((await client.connection.listTasks()).map(({ status }) => status)).toEqual([
      'working',
      'cancelled',
      'working',
    ]);
  });

  it('that cannot be read are left out, with a warning', async () => {
    const good = { taskId: '1', status: 'working' };
    await using lab = await startLab({
      era: 'legacy',
      on: ['tasks/list'],
      mode: (exchange) => {
        const result = {
          tasks: [good, { taskId: 2, status: 'working' }, { taskId: '3', status: 'odd' }, null],
        };
        return jsonAnswer(200, { jsonrpc: '2.0', id: exchange.request.message?.id, result })(exchange);
      },
    });
    await using client = connectTo(lab.url);
    expect(await client.connection.listTasks()).toEqual([good]);
    expect(client.warnings()).toHaveLength(3);
  });

  it('are not asked for where there are none to ask for', async () => {
    await using modern = await startLab();
    await using first = connectTo(modern.url);
    expect(await failureOf(first.connection.listTasks())).toMatchObject({ code: 'not-offered' });
    await using legacy = await startLab({ era: 'legacy', versions: { legacy: ['2025-06-18'] } });
    await using second = connectTo(legacy.url);
    for (const asking of [
      second.connection.listTasks(),
      second.connection.resumeTask('1'),
      second.connection.cancelTask('1'),
    ])
      expect(await failureOf(asking)).toMatchObject({ code: 'not-offered', delivery: 'not-sent' });
    expect(legacy.received.some(({ message }) => message?.method?.startsWith('tasks/'))).toBe(false);
  });
});

it('a server may want to ask as a task, which is not declared: it is answered as if it did not', async () => {
  const ask: LabTool = {
    definition: { name: 'asks', inputSchema: { type: 'object' } },
    run: async (call) => {
      const params = {
        mode: 'form',
        message: 'Who?',
        requestedSchema: { type: 'object', properties: {} },
        task: { ttl: 60_000 },
      };
      return text(JSON.stringify(await call.ask({ who: { method: 'elicitation/create', params } })));
    },
  };
  await using lab = await startLab({ era: 'legacy', tools: [ask] });
  const seen: unknown[] = [];
  await using client = connectTo(
    lab.url,
    {},
    {
      onElicit: async (request) => {
        seen.push(request);
        return { action: 'accept', content: { name: 'Ada' } };
      },
    },
  );
  const outcome = await client.connection.callTool('asks', {});
  expect(JSON.parse(textOf(outcome))).toEqual({ who: { action: 'accept', content: { name: 'Ada' } } });
  expect(seen).toHaveLength(1);
  expect(received(lab, 'initialize')[0]?.params?.capabilities).not.toHaveProperty('tasks');
});
