import { describe, expect, it } from 'vitest';
import { histogramSvg } from '../../../../src/ui/benchmark/histogramSvg.ts';

function labels(bars: number): readonly { x: number; anchoredAtEnd: boolean }[] {
  const all = Array.from({ length: bars }, (_, n) => ({ from: 100 + n, to: 101 + n, counts: [1] }));
  const { markup } = histogramSvg(all, 0, 1, 'latency') ?? { markup: '' };
  return [...markup.matchAll(/<text x="([\d.]+)" y="\d+"( text-anchor="end")?>/g)].map(([, x, end]) => ({
    x: Number(x),
    anchoredAtEnd: end !== undefined,
  }));
}

describe('the axis of a histogram', () => {
  it.each([1, 2, 5, 6, 7, 11, 26, 30, 37, 60])('of %d bars has labels that do not touch', (bars) => {
    const all = labels(bars);
    expect(all.at(-1)).toEqual({ x: 640, anchoredAtEnd: true });
    const starts = all.slice(0, -1).map(({ x }) => x);
    // The longest one, such as "12,345 ms", takes 56 of the picture's 640 units.
    for (const [index, x] of starts.entries()) {
      expect(all[index]?.anchoredAtEnd).toBe(false);
      expect((starts[index + 1] ?? 640 - 56) - x).toBeGreaterThanOrEqual(56);
    }
  });
});
