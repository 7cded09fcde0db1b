import { describe, expect, it } from 'vitest';
import { isSluiceError } from '../../../src/core/errors.ts';
import { startLab } from '../../lab/lab.ts';
import { endlessLine, hugeEvent } from '../../lab/modes/broken.ts';
import { type Mode, modeNames } from '../../lab/modes.ts';
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
