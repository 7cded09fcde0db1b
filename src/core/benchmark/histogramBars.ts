import { bucketStart, type DistributionSnapshot } from './distribution.ts';

/** A stretch of durations, with one count for each of the distributions that are shown together. */
export interface Bar {
  /** Milliseconds: from (included) and to (not included). */
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
}

/** Bars of a picture, unless fewer buckets hold everything. */
export const BARS = 32;

/**
 * Distributions on one scale, which is logarithmic: each bar reaches from a duration to the same multiple of it, without
 * gaps from the shortest duration of all to the longest.
 * @param most bars: where there are more buckets, neighbours are joined
 */
export function histogramBars(distributions: readonly DistributionSnapshot[], most = BARS): Bar[] {
  const indexes = distributions.flatMap(({ buckets }) => buckets.map(({ index }) => index));
  if (indexes.length === 0) return [];
  const first = Math.min(...indexes);
  const width = Math.ceil((Math.max(...indexes) - first + 1) / most);
  const bars = Math.ceil((Math.max(...indexes) - first + 1) / width);
  return Array.from({ length: bars }, (_, bar) => {
    const start = first + bar * width;
    const isInside = ({ index }: { index: number }) => index >= start && index < start + width;
    return {
      from: bucketStart(start),
      to: bucketStart(start + width),
      counts: distributions.map(({ buckets }) =>
        buckets.filter(isInside).reduce((sum, { count }) => sum + count, 0),
      ),
    };
  });
}
