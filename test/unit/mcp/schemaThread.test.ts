import { expect, it } from 'vitest';
import type { SchemaOutcome } from '../../../src/core/mcp/schemaJudge.ts';
import { SchemaThread } from '../../../src/core/mcp/schemaThread.ts';
import { systemClock } from '../../../src/core/metrics/clock.ts';

const knowing = (outcome: SchemaOutcome | undefined) => ({ known: () => outcome, found: () => undefined });
const never = { ...systemClock, schedule: () => () => undefined };

it('a thousand checks wait for the one that runs, and the next one is told at once', async () => {
  const thread = new SchemaThread();
  const check = () => thread.check({}, '1', systemClock, knowing({ kind: 'fits' }));
  const found = await Promise.all(Array.from({ length: 1_001 }, check));
  expect(found.slice(0, 1_000).every(({ kind }) => kind === 'answered')).toBe(true);
  expect(found.at(-1)).toEqual({ kind: 'failed', reason: '1000 other checks are waiting already' });
  expect(await check()).toMatchObject({ kind: 'answered' });
});

it('a check that takes more memory than its thread has ends that thread alone', async () => {
  // Millions of violations, some hundred bytes each; the clock stands, so that nothing but memory ends it.
  const schema = { items: { allOf: Array.from({ length: 2_000 }, () => ({ type: 'string' })) } };
  const found = await new SchemaThread().check(
    schema,
    JSON.stringify(Array(1_000).fill(1)),
    never,
    knowing(undefined),
  );
  expect(found).toEqual({ kind: 'too-costly', reason: expect.stringContaining('memory limit') });
});
