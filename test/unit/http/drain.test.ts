import { describe, expect, it } from 'vitest';
import { Drain, leavesConnectionFit } from '../../../src/core/http/drain.ts';
import { HandClock } from '../ui/questions/handClock.ts';

/** The rest of a response that had come at once. @param isPrompt it is still the read that brought the response */
function drain(isPrompt = false) {
  const clock = new HandClock();
  const rest = new Drain({ timeout: 250, maxBytes: 100 }, clock, clock.now());
  if (!isPrompt) rest.outlast();
  return { clock, rest };
}

describe('the rest of a response', () => {
  it('that ended with the answer costs nothing', () => {
    expect(drain(true).rest.judge('end')).toBe('reused');
  });

  it('that ended later was drained', () => {
    expect(drain().rest.judge('end')).toBe('drained');
    expect(drain(true).rest.judge('end', 5)).toBe('drained');
  });

  it('goes on while its bytes are within the budget', () => {
    const { rest } = drain();
    expect(rest.judge('bytes', 60)).toBeUndefined();
    expect(rest.judge('bytes', 40)).toBeUndefined();
    expect(rest.judge('bytes', 1)).toBe('budget-bytes');
  });

  it('that is silent when the time is up was held open; one that talks used up its time', () => {
    expect(drain().rest.judge('timeout')).toBe('held-open');
    const { rest } = drain();
    rest.judge('bytes', 1);
    expect(rest.judge('timeout')).toBe('budget-time');
  });

  it.each([
    ['a connection that ends with it, its whole time', false, 250],
    ['a stream that can be reset, a moment', true, 10],
  ])('has, on %s', (_, isCheap, ms) => {
    const { clock, rest } = drain();
    let isUp = false;
    rest.limit(isCheap, () => {
      isUp = true;
    });
    clock.pass(ms - 1);
    expect(isUp).toBe(false);
    clock.pass(1);
    expect(isUp).toBe(true);
  });

  it('that is over is told with its time and its bytes, and leaves no timer', () => {
    const { clock, rest } = drain();
    rest.limit(false, () => undefined);
    clock.pass(20);
    rest.judge('bytes', 7);
    expect(rest.end('drained')).toEqual({ outcome: 'drained', ms: 20, bytes: 7 });
    expect(clock.timers).toBe(0);
  });

  it('leaves the connection fit only where it was read to its end', () => {
    expect(leavesConnectionFit('reused')).toBe(true);
    expect(leavesConnectionFit('drained')).toBe(true);
    for (const outcome of ['budget-time', 'budget-bytes', 'held-open', 'closed-by-server', 'reset'] as const)
      expect(leavesConnectionFit(outcome)).toBe(false);
  });
});
