/** Nearest rank: a value that was measured, not one between two. `NaN` of nothing. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

export interface Summary {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export function summarize(values: readonly number[]): Summary {
  const at = (percent: number) => percentile(values, percent);
  return { p50: at(50), p90: at(90), p99: at(99), max: at(100) };
}

/** One client against another: of their medians, and within which the middle half of the rounds lies. */
export interface Ratio {
  readonly ratio: number;
  readonly p25: number;
  readonly p75: number;
}

/** A round is one turn of each: the machine was the same for both. */
export function ratioOf(rounds: readonly (readonly number[])[], to: readonly (readonly number[])[]): Ratio {
  const ofRounds = rounds.flatMap((round, index) => {
    const other = to[index] ?? [];
    return round.length > 0 && other.length > 0 ? [median(round) / median(other)] : [];
  });
  return {
    ratio: median(rounds.flat()) / median(to.flat()),
    p25: percentile(ofRounds, 25),
    p75: percentile(ofRounds, 75),
  };
}
