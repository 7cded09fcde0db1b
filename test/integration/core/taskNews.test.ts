import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../../src/core/trace/traceEvent.ts';
import { startLab } from '../../lab/lab.ts';
import type { Step } from '../../lab/tasks.ts';
import { type LabTool, text } from '../../lab/tools.ts';
import { connectTo, textOf } from './connectTo.ts';

/** A task that is asked about every minute, and no test waits for that. */
function job(...steps: readonly Step[]): LabTool {
  return {
    definition: { name: 'job', inputSchema: { type: 'object' }, execution: { taskSupport: 'required' } },
    steps,
    pollMs: 60_000,
    run: async () => text('called as a tool'),
  };
}

const STATUS = 'notifications/tasks/status';
const TIMES = { createdAt: '2026-01-01T00:00:00Z', lastUpdatedAt: '2026-01-01T00:00:00Z', ttl: 60_000 };
const completed = { taskId: 'lab-task-1', status: 'completed', ...TIMES };

describe('a task whose end the server tells unasked', () => {
  it.each<[string, object]>([
    ['as the revision says', completed],
    ['in the member that the answers have it in', { task: completed }],
  ])('ends then, and not at the next poll (%s)', async (_, params) => {
    await using lab = await startLab({ era: 'legacy', tools: [job('working', 'completed')] });
    await using client = connectTo(lab.url, { requestTimeout: 120_000 });
    const working = Promise.withResolvers<void>();
    const called = client.connection.callTool('job', {}, { onTask: () => working.resolve() });
    await working.promise;
    await lab.waitFor(({ counts }) => counts.streams === 1);
    await lab.notify(STATUS, params as Record<string, unknown>);
    expect(textOf(await called)).toBe('done');
    expect(lab.received.filter(({ message }) => message?.method === 'tasks/get')).toHaveLength(1);
    expect(client.warnings()).toEqual([]);
  });

  it('before it has answered the call ends all the same', async () => {
    await using lab = await startLab({
      era: 'legacy',
      tools: [job('working', 'completed')],
      mode: 'slow-headers',
    });
    const heard = Promise.withResolvers<void>();
    const onTrace = (event: TraceEvent) => {
      if (JSON.stringify(event).includes(STATUS)) heard.resolve();
    };
    await using client = connectTo(lab.url, { requestTimeout: 120_000 }, { onTrace });
    const called = client.connection.callTool('job', {});
    await lab.waitFor(({ counts }) => counts.held === 1 && counts.streams === 1);
    await lab.notify(STATUS, completed);
    await heard.promise;
    lab.release();
    expect(textOf(await called)).toBe('done');
  });

  it('is not that of another task', async () => {
    await using lab = await startLab({ era: 'legacy', tools: [job('working', 'completed')] });
    await using client = connectTo(lab.url, { requestTimeout: 120_000 });
    const working = Promise.withResolvers<void>();
    const called = client.connection.callTool('job', {}, { onTask: () => working.resolve() });
    await working.promise;
    await lab.waitFor(({ counts }) => counts.streams === 1);
    for (let n = 0; n < 100; n++) await lab.notify(STATUS, { ...completed, taskId: `other-${n}` });
    await lab.notify(STATUS, completed);
    expect(textOf(await called)).toBe('done');
    expect(lab.received.filter(({ message }) => message?.method === 'tasks/get')).toHaveLength(1);
  });
});
