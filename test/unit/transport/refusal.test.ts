import { describe, expect, it } from 'vitest';
import { refusalSource } from '../../../src/core/transport/refusal.ts';
import { FakeClock } from '../benchmark/fakeClock.ts';

describe('the body of an answer that says no', () => {
  it('is kept up to 64 KiB', () => {
    let told = '';
    const source = refusalSource(
      new FakeClock(),
      undefined,
      (body) => {
        told = body;
      },
      () => undefined,
    );
    for (let n = 0; n < 10; n++) source.push(Buffer.alloc(10_000, 'x'));
    source.end();
    expect(told.length).toBeGreaterThan(60_000);
    expect(told.length).toBeLessThanOrEqual(65_536);
  });

  it('that never ends is waited for a second', async () => {
    const clock = new FakeClock();
    const { promise, resolve } = Promise.withResolvers<string>();
    refusalSource(clock, undefined, resolve, () => undefined).push(Buffer.from('wait'));
    expect(await clock.runUntil(promise)).toBe('wait');
    expect(clock.now()).toBe(1_000);
  });
});
