/** How calls follow one another. */
export type Load =
  /** Each of `concurrency` callers waits for its answer, then `gap` milliseconds, then calls again. */
  | { readonly kind: 'closed'; readonly concurrency: number; readonly gap: number }
  /** A call is due every `1 / ratePerSecond` seconds, whether or not the earlier ones are back. */
  | { readonly kind: 'open'; readonly ratePerSecond: number };

/** When a run is over. */
export type Extent =
  | { readonly kind: 'calls'; readonly calls: number }
  | { readonly kind: 'duration'; readonly seconds: number };

export interface BenchmarkPlan {
  readonly load: Load;
  readonly extent: Extent;
}

export const MOST_CALLS = 1_000_000;
export const MOST_AT_ONCE = 256;
export const MOST_PER_SECOND = 10_000;
export const MOST_SECONDS = 3600;
export const MOST_GAP_MS = 60_000;

/** Calls that a run makes at most; a closed run that ends by the clock may make fewer. */
export function callsOf({ load, extent }: BenchmarkPlan): number {
  if (extent.kind === 'calls') return extent.calls;
  return load.kind === 'open' ? Math.max(1, Math.ceil(load.ratePerSecond * extent.seconds)) : MOST_CALLS;
}

/** What keeps a plan from being run, one sentence each; empty where nothing does. */
export function planProblems(plan: BenchmarkPlan): string[] {
  const { load, extent } = plan;
  const problems: string[] = [];
  const whole = (what: string, value: number, most: number, least = 1): void => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    problems.push(`${what} must be a whole number from ${least} to ${most}, not ${value}.`);
  };
  const upTo = (what: string, value: number, most: number): void => {
    if (value > 0 && value <= most) return;
    problems.push(`${what} must be more than 0 and at most ${most}, not ${value}.`);
  };
  if (load.kind === 'closed') {
    whole('The calls at once', load.concurrency, MOST_AT_ONCE);
    whole('The gap in milliseconds', load.gap, MOST_GAP_MS, 0);
  } else {
    upTo('The calls a second', load.ratePerSecond, MOST_PER_SECOND);
  }
  if (extent.kind === 'calls') whole('The number of calls', extent.calls, MOST_CALLS);
  else upTo('The seconds', extent.seconds, MOST_SECONDS);
  if (problems.length === 0 && callsOf(plan) > MOST_CALLS)
    problems.push(`A run makes at most ${MOST_CALLS} calls, not ${callsOf(plan)}.`);
  return problems;
}

/** Milliseconds from the start of an open run until its call `index` (from 0) is due. */
export function dueAt(index: number, ratePerSecond: number): number {
  return (index * 1000) / ratePerSecond;
}
