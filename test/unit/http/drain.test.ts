import { describe, expect, it } from 'vitest';
import { judgeDrain, leavesConnectionFit } from '../../../src/core/http/drain.ts';

const budget = { timeout: 250, maxBytes: 100 };

describe('the rest of a response', () => {
  it('that ended with the answer costs nothing', () => {
    expect(judgeDrain({ kind: 'end' }, 0, true, budget)).toBe('reused');
  });

  it('that ended later was drained', () => {
    expect(judgeDrain({ kind: 'end' }, 0, false, budget)).toBe('drained');
    expect(judgeDrain({ kind: 'end' }, 5, true, budget)).toBe('drained');
  });

  it('goes on while its bytes are within the budget', () => {
    expect(judgeDrain({ kind: 'bytes' }, 100, false, budget)).toBeUndefined();
    expect(judgeDrain({ kind: 'bytes' }, 101, false, budget)).toBe('budget-bytes');
  });

  it('that is silent when the time is up was held open; one that talks used up its time', () => {
    expect(judgeDrain({ kind: 'timeout' }, 0, false, budget)).toBe('held-open');
    expect(judgeDrain({ kind: 'timeout' }, 1, false, budget)).toBe('budget-time');
  });

  it('leaves the connection fit only where it was read to its end', () => {
    expect(leavesConnectionFit('reused')).toBe(true);
    expect(leavesConnectionFit('drained')).toBe(true);
    for (const outcome of ['budget-time', 'budget-bytes', 'held-open', 'closed-by-server', 'reset'] as const)
      expect(leavesConnectionFit(outcome)).toBe(false);
  });
});
