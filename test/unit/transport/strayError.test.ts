import { describe, expect, it } from 'vitest';
import type { JsonRpcErrorResponse } from '../../../src/core/jsonrpc/message.ts';
import { StrayError } from '../../../src/core/transport/strayError.ts';
import { FakeClock } from '../benchmark/fakeClock.ts';

const error = (id: string): JsonRpcErrorResponse => ({
  jsonrpc: '2.0',
  id,
  error: { code: 1, message: 'no' },
});

function waiting() {
  const clock = new FakeClock();
  const told = Promise.withResolvers<JsonRpcErrorResponse>();
  const all: unknown[] = [];
  const stray = new StrayError(clock, (due) => {
    all.push(due.id);
    told.resolve(due);
  });
  return { clock, told: told.promise, all, stray };
}

describe('an error under an id that nobody asked', () => {
  it('is the answer after a second in which nothing else came, the first of several', async () => {
    const { clock, told, all, stray } = waiting();
    expect([stray.take(error('a')), stray.take(error('b'))]).toEqual([true, false]);
    expect((await clock.runUntil(told)).id).toBe('a');
    expect(clock.now()).toBe(1_000);
    expect(all).toEqual(['a']);
  });

  it('is the answer at once where nothing else can come, and once', () => {
    const { all, stray } = waiting();
    expect(stray.due()).toBe(false);
    stray.take(error('a'));
    expect([stray.due(), stray.due()]).toEqual([true, false]);
    expect(all).toEqual(['a']);
  });

  it('is nothing where the response came', () => {
    const { all, stray } = waiting();
    stray.take(error('a'));
    stray.end();
    expect(stray.due()).toBe(false);
    expect(all).toEqual([]);
  });
});
