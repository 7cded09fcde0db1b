import { describe, expect, it } from 'vitest';
import { isSluiceError } from '../../../src/core/errors.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import { startLab } from '../../lab/lab.ts';
import { endlessLine, hugeEvent } from '../../lab/modes/broken.ts';
import { type Mode, modeNames } from '../../lab/modes.ts';
import { type LabTool, text } from '../../lab/tools.ts';
import { connectTo, textOf } from './connectTo.ts';

/** Modes whose own size would make this a test of patience. */
const smaller: Record<string, Mode> = {
  'huge-event': hugeEvent({ bytes: 1024 * 1024 }),
  'endless-line': endlessLine({ upToBytes: 4 * 1024 * 1024 }),
};

describe.each(['modern', 'legacy'] as const)('whatever a %s server does', (era) => {
  it.each(modeNames)(
    '%s: each call settles once, the tool runs at most once, and the server can be called again',
    async (mode) => {
      await using lab = await startLab({ mode: smaller[mode] ?? mode, era });
      await using client = connectTo(lab.url, { requestTimeout: 700 });
      const settled = await Promise.allSettled(
        [1, 2, 3].map((n) => client.connection.callTool('add', { a: n, b: n })),
      );
      const answered = settled.filter((one) => one.status === 'fulfilled');
      const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      expect(failures.filter((error) => !isSluiceError(error))).toEqual([]);
      // What a result and `not-sent` promise, the server has seen: the one ran, the other did not, and none ran twice.
      const ran = lab.counts.calls.get('add') ?? 0;
      expect(ran).toBeGreaterThanOrEqual(answered.length);
      expect(ran).toBeLessThanOrEqual(3 - failures.filter(({ delivery }) => delivery === 'not-sent').length);
      for (const one of answered) expect(await one.value.drained).toHaveProperty('outcome');
      lab.use('prompt');
      lab.release();
      // A tool that may run twice is called again over a fresh connection where the idle one is just being closed.
      expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
      expect(lab.counts.maxOpen).toBeLessThanOrEqual(16);
    },
  );
});

/** Of a task whose server asks for 150 ms, those behind polls that were lost included: they are over at once. */
const PAUSES = [150, 300, 600, 1_200];
const hasty: Clock = {
  ...systemClock,
  schedule: (ms, task) => systemClock.schedule(PAUSES.includes(ms) ? 0 : ms, task),
};

const job: LabTool = {
  definition: { name: 'job', inputSchema: { type: 'object' }, execution: { taskSupport: 'required' } },
  steps: ['working', 'input_required', 'completed'],
  pollMs: 150,
  run: async () => text('called as a tool'),
};
const OF_TASKS = ['tasks/get', 'tasks/result', 'tasks/update'];

describe.each(['modern', 'legacy'] as const)(
  'whatever a %s server does after the first request of a call',
  (era) => {
    it.each(modeNames)(
      '%s: the call settles once, and is never told as one that was not sent',
      async (name) => {
        const mode = smaller[name] ?? name;
        await using lab = await startLab({ era, tools: [job] });
        const onElicit = async () => {
          lab.use(mode, ['tools/call', ...OF_TASKS]);
          return { action: 'accept', content: { name: 'Ada' } } as const;
        };
        await using client = connectTo(lab.url, { requestTimeout: 400 }, { onElicit }, hasty);
        const failures: unknown[] = [];
        const settle = (call: Promise<unknown>) => call.catch((error: unknown) => failures.push(error));
        await settle(client.connection.callTool('ask', {}));
        lab.use('prompt');
        await settle(client.connection.callTool('job', {}, { onTask: () => lab.use(mode, OF_TASKS) }));
        lab.use('prompt');
        lab.release();
        for (const error of failures) {
          if (!isSluiceError(error)) throw error;
          expect(['unknown', 'answered']).toContain(error.delivery);
        }
        // Each round runs the tool once; a task is begun once.
        expect(lab.counts.calls.get('ask')).toBeLessThanOrEqual(era === 'modern' ? 2 : 1);
        const begun = lab.received.filter(({ message }) => message?.params?.['name'] === 'job');
        expect(begun).toHaveLength(1);
      },
    );
  },
);
