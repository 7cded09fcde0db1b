import { describe, expect, it } from 'vitest';
import { callsOf, dueAt, planProblems } from '../../../src/core/benchmark/benchmarkPlan.ts';
import { compareRuns } from '../../../src/core/benchmark/compareRuns.ts';
import { histogramBars } from '../../../src/core/benchmark/histogramBars.ts';
import { distribution, report } from './reports.ts';

const upTo100 = Array.from({ length: 100 }, (_, n) => n + 1);

describe('a distribution', () => {
  it('gives percentiles to three digits, and what is between them', () => {
    const { p50, p90, p99, max, min, mean } = distribution(upTo100);
    expect([p50, p90, p99, max, min].map(Math.round)).toEqual([50, 90, 99, 100, 1]);
    expect(mean).toBeCloseTo(50.5);
  });

  it('counts each duration in one bucket, whatever it is', () => {
    const { buckets, count } = distribution([0, 0.0004, 1, 1e12]);
    expect(count).toBe(4);
    expect(buckets.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(4);
  });
});

describe('the bars of a histogram', () => {
  it('hold every call, on one scale for both runs, without gaps', () => {
    const bars = histogramBars([distribution([1, 1.01, 40]), distribution([2, 900])], 20);
    expect(bars.length).toBeLessThanOrEqual(20);
    expect(bars.map(({ to }) => to).slice(0, -1)).toEqual(bars.map(({ from }) => from).slice(1));
    const sum = (which: number) => bars.reduce((all, { counts }) => all + (counts[which] ?? 0), 0);
    expect([sum(0), sum(1)]).toEqual([3, 2]);
    const bar = bars.find(({ counts }) => counts[0] === 2);
    expect(bar?.from).toBeLessThanOrEqual(1);
    expect(bar?.to).toBeGreaterThan(1.01);
  });

  it('are none where nothing was measured', () => {
    expect(histogramBars([distribution([])], 20)).toEqual([]);
  });
});

describe('a plan', () => {
  it('of a rate and a time has as many calls as are due in it', () => {
    const plan = {
      load: { kind: 'open', ratePerSecond: 50 },
      extent: { kind: 'duration', seconds: 10 },
    } as const;
    expect(callsOf(plan)).toBe(500);
    expect(dueAt(50, 50)).toBe(1000);
    expect(planProblems(plan)).toEqual([]);
  });

  it('beyond the bounds says what is wrong', () => {
    const extent = { kind: 'duration', seconds: 3600 } as const;
    expect(planProblems({ load: { kind: 'open', ratePerSecond: 1000 }, extent })).toEqual([
      'A run makes at most 1000000 calls, not 3600000.',
    ]);
    expect(planProblems({ load: { kind: 'closed', concurrency: 0, gap: 0.5 }, extent })).toHaveLength(2);
  });
});

describe('two runs', () => {
  const slow = report(upTo100.map((ms) => ms + 200));

  it('of which the middle halves overlap are not told apart', () => {
    expect(compareRuns(report(upTo100), report(upTo100.map((ms) => ms * 1.2))).verdict).toBe('within-noise');
    expect(compareRuns(report(upTo100), report(upTo100.map((ms) => ms * 0.8))).verdict).toBe('within-noise');
  });

  it('that are apart are told so, in the right direction, with ratios', () => {
    const fast = report(upTo100);
    expect(compareRuns(fast, slow).verdict).toBe('slower');
    const { verdict, figures } = compareRuns(slow, fast);
    expect(verdict).toBe('faster');
    expect(figures.find(({ name }) => name === 'p50')?.ratio).toBeCloseTo(0.2, 1);
  });

  it('of a few calls say nothing', () => {
    expect(compareRuns(report([1, 1, 1]), slow).verdict).toBe('too-few');
  });

  it('name what else differs between them', () => {
    expect(compareRuns(slow, { ...slow, tool: 'add', arguments: {} }).differs).toEqual(['tool', 'arguments']);
  });
});
