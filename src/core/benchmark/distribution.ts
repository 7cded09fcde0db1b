import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** Milliseconds; all 0 where nothing was recorded. */
export interface DistributionSnapshot {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** Counts on a grid that is the same for all, so that two pictures have one scale; empty buckets are left out. */
  readonly buckets: readonly Bucket[];
}

export interface Bucket {
  /** Its place on the grid: it holds durations from `bucketStart(index)` up to `bucketStart(index + 1)`. */
  readonly index: number;
  readonly count: number;
}

const HIGHEST_US = 3_600_000_000;
const BUCKETS_PER_OCTAVE = 8;
const BUCKETS = Math.ceil(Math.log2(HIGHEST_US) * BUCKETS_PER_OCTAVE) + 1;

/** Milliseconds at which a bucket begins; eight buckets double them. */
export function bucketStart(index: number): number {
  return 2 ** (index / BUCKETS_PER_OCTAVE) / 1000;
}

/** Durations from 1 microsecond to an hour: its memory does not grow with their number. */
export class Distribution {
  // Percentiles to three digits. Node's histogram does not give its counts away, so those of the picture are kept beside.
  readonly #histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: HIGHEST_US, figures: 3 });
  readonly #counts = new Uint32Array(BUCKETS);
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  /** @param ms a duration */
  record(ms: number): void {
    const us = Math.min(HIGHEST_US, Math.max(1, ms * 1000));
    this.#histogram.record(Math.round(us));
    const index = Math.floor(Math.log2(us) * BUCKETS_PER_OCTAVE);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += ms;
    this.#min = Math.min(this.#min, ms);
    this.#max = Math.max(this.#max, ms);
  }

  get p50(): number {
    return this.#at(50);
  }

  snapshot(): DistributionSnapshot {
    const { count } = this.#histogram;
    const buckets = [...this.#counts].flatMap((count, index) => (count === 0 ? [] : [{ index, count }]));
    return {
      count,
      min: count === 0 ? 0 : this.#min,
      mean: count === 0 ? 0 : this.#sum / count,
      p25: this.#at(25),
      p50: this.#at(50),
      p75: this.#at(75),
      p90: this.#at(90),
      p95: this.#at(95),
      p99: this.#at(99),
      p999: this.#at(99.9),
      max: this.#max,
      buckets,
    };
  }

  #at(percentile: number): number {
    return this.#histogram.count === 0
      ? 0
      : Math.min(this.#max, this.#histogram.percentile(percentile) / 1000);
  }
}
