import { describe, expect, it } from 'vitest';
import { percentile, ratioOf, summarize } from '../../bench/statistics.ts';

describe('percentiles of the bench', () => {
  it('are values that were measured', () => {
    expect(summarize([5, 1, 4, 2, 3])).toEqual({ p50: 3, p90: 5, p99: 5, max: 5 });
    expect(percentile([1, 2], 50)).toBe(1);
  });

  it('say that nothing was measured', () => {
    expect(percentile([], 50)).toBeNaN();
  });
});

describe('a ratio of the bench', () => {
  it('is of the medians of all rounds, with the middle half of the rounds’ own ratios', () => {
    const ours = [[1], [2], [3], [4]];
    const theirs = [[2], [2], [2], [2]];
    expect(ratioOf(ours, theirs)).toEqual({ ratio: 1, p25: 0.5, p75: 1.5 });
  });

  it('leaves out a round in which one of the two was not measured', () => {
    expect(ratioOf([[4], [1]], [[2], []])).toMatchObject({ p25: 2, p75: 2 });
  });
});
