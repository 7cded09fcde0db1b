import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** Milliseconds of the calls of one server, since it was configured. */
export interface LatencySnapshot {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Percentiles of call durations, in an HDR histogram of three digits: its memory does not grow with the calls. */
export class Latency {
  // Microseconds: the histogram takes whole numbers, and a call may take less than a millisecond.
  readonly #histogram: RecordableHistogram = createHistogram({
    lowest: 1,
    highest: 3_600_000_000,
    figures: 3,
  });

  /** @param ms duration of one call */
  record(ms: number): void {
    this.#histogram.record(Math.min(3_600_000_000, Math.max(1, Math.round(ms * 1000))));
  }

  snapshot(): LatencySnapshot {
    const histogram = this.#histogram;
    if (histogram.count === 0) return { count: 0, p50: 0, p95: 0, p99: 0, max: 0 };
    return {
      count: histogram.count,
      p50: histogram.percentile(50) / 1000,
      p95: histogram.percentile(95) / 1000,
      p99: histogram.percentile(99) / 1000,
      max: histogram.max / 1000,
    };
  }
}
