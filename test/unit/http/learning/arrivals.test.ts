import { describe, expect, it } from 'vitest';
import { Arrivals } from '../../../../src/core/http/learning/arrivals.ts';

function at(...times: number[]): Arrivals {
  const arrivals = new Arrivals();
  for (const time of times) arrivals.add(time);
  return arrivals;
}

describe('the requests that come', () => {
  it('are counted by the most that came within a stretch of time', () => {
    expect(at().most(1_000)).toBe(0);
    expect(at(0, 30, 60, 90).most(50)).toBe(2);
    expect(at(0, 0, 0, 100, 200).most(50)).toBe(3);
    expect(at(0, 30, 60, 90).most(0)).toBe(1);
  });

  it('are forgotten beyond sixty-four', () => {
    const many = at(...Array.from({ length: 200 }, (_, index) => index));
    expect(many.most(1_000)).toBe(64);
    expect(many.last).toBe(199);
    expect(many.most(9)).toBe(10);
  });

  it('tell the longest pause between the last ones', () => {
    expect(at(5).longestPause()).toBe(0);
    expect(at(0, 5_000, 5_030, 5_060).longestPause()).toBe(5_000);
    expect(at(0, 5_000, ...Array.from({ length: 10 }, (_, n) => 5_000 + n)).longestPause()).toBe(1);
  });
});
