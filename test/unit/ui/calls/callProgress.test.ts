import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CallProgress } from '../../../../src/ui/calls/callProgress.ts';
import { line } from '../../../../src/ui/surfaces/line.ts';

const drawn = vi.hoisted((): { message?: string; increment?: number }[] => []);

vi.mock('vscode', () => ({
  ProgressLocation: { Notification: 15 },
  window: {
    withProgress: (_: unknown, task: (progress: object, token: object) => Promise<void>) =>
      task({ report: (update: object) => drawn.push(update) }, { onCancellationRequested: () => undefined }),
  },
}));

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  drawn.length = 0;
});

it('a server that floods its caller with progress is drawn ten times a second, and its last word is not lost', async () => {
  const progress = new CallProgress(line`lab: slow`, () => undefined);
  await vi.advanceTimersByTimeAsync(500);
  for (let n = 1; n <= 1_000; n++) {
    progress.report({ progress: n, total: 1_000 });
    await vi.advanceTimersByTimeAsync(1);
  }
  await vi.advanceTimersByTimeAsync(100);
  expect(drawn.length).toBeGreaterThan(8);
  expect(drawn.length).toBeLessThan(13);
  expect(drawn.at(-1)?.message).toBe('1000 of 1000');
  expect(drawn.reduce((sum, { increment = 0 }) => sum + increment, 0)).toBeCloseTo(100);
  progress.end();
  expect(vi.getTimerCount()).toBe(0);
});
