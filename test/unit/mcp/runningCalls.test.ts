import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RunningCall, RunningCalls } from '../../../src/core/mcp/runningCalls.ts';

/** Calls that run until the test ends them. */
function running(calls: RunningCalls) {
  const ends = new Map<RunningCall, () => void>();
  return {
    start(taskId?: string): RunningCall {
      let started: RunningCall | undefined;
      void calls.run(
        (call) =>
          new Promise<void>((resolve) => {
            started = call;
            call.taskId = taskId;
            ends.set(call, resolve);
          }),
      );
      if (started === undefined) throw new Error('it did not start');
      return started;
    },
    async end(call: RunningCall): Promise<void> {
      ends.get(call)?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('a question on the stream where a server speaks unasked', () => {
  it('belongs to none while no call runs, and to the only call there is', async () => {
    const calls = new RunningCalls();
    const { start, end } = running(calls);
    expect(calls.ownerOf(undefined)).toBeUndefined();
    const call = start();
    expect(calls.ownerOf(undefined)).toBe(call);
    await end(call);
    expect(calls.ownerOf(undefined)).toBeUndefined();
  });

  it('belongs to none where several run, unless it names the task of one', () => {
    const calls = new RunningCalls();
    const { start } = running(calls);
    start();
    const task = start('t1');
    expect(calls.ownerOf(undefined)).toBeUndefined();
    expect(calls.ownerOf('t1')).toBe(task);
    expect(calls.ownerOf('t2')).toBeUndefined();
  });

  it('that names a task which is nobody’s belongs to none, though one call runs', () => {
    const calls = new RunningCalls();
    running(calls).start();
    expect(calls.ownerOf('t2')).toBeUndefined();
    expect(calls.ownerOf(7)).toBeUndefined();
  });

  it('belongs to none where one that belongs to none was open when the call began, also once that is answered', async () => {
    const calls = new RunningCalls();
    const { start, end } = running(calls);
    const answered = calls.unasked();
    const call = start();
    expect(calls.ownerOf(undefined)).toBeUndefined();
    answered();
    expect(calls.ownerOf(undefined)).toBeUndefined();
    await end(call);
    expect(calls.ownerOf(undefined)).toBeUndefined();
    const next = start();
    expect(calls.ownerOf(undefined)).toBe(next);
  });

  it('never belongs to a call that is over, nor to one of two, whatever came before', async () => {
    const step = fc.constantFrom('start', 'end', 'ask', 'answer');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const calls = new RunningCalls();
        const { start, end } = running(calls);
        const on: RunningCall[] = [];
        const open: (() => void)[] = [];
        for (const one of steps) {
          if (one === 'start') on.push(start());
          if (one === 'end') for (const call of on.splice(0, 1)) await end(call);
          if (one === 'ask') open.push(calls.unasked());
          if (one === 'answer') open.pop()?.();
          const owner = calls.ownerOf(undefined);
          expect(owner === undefined || (on.length === 1 && on[0] === owner)).toBe(true);
        }
      }),
    );
  });
});
