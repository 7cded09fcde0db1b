import type { DrainOutcome, WireInfo } from '../metrics/requestTiming.ts';
import type { CallOutcome } from '../servers/callOutcome.ts';
import type { BenchmarkReport, CallRow, PhaseName } from './benchmarkReport.ts';
import { Distribution } from './distribution.ts';

const PHASES: readonly PhaseName[] = ['queued', 'connect', 'sent', 'headers', 'firstEvent', 'response'];
export const KEPT_CALLS = 100;

type Counts = Pick<
  BenchmarkReport,
  | 'calls'
  | 'outcomes'
  | 'latency'
  | 'service'
  | 'failures'
  | 'phases'
  | 'origins'
  | 'httpVersions'
  | 'drains'
  | 'first'
>;

/** Adds up what the calls of a run came to: the first ones by themselves, all of them as counts. */
export class Tally {
  readonly #latency = new Distribution();
  readonly #service = new Distribution();
  readonly #failures = new Distribution();
  readonly #phases = PHASES.map((name) => ({ name, spent: new Distribution() }));
  readonly #outcomes = new Map<string, number>();
  readonly #drains = new Map<DrainOutcome, number>();
  readonly #origins: Record<WireInfo['origin'], number> = { fresh: 0, warm: 0, reused: 0 };
  readonly #httpVersions = new Set<string>();
  readonly #first = new Map<number, CallRow>();
  #calls = 0;
  #answered = 0;
  #undrained = 0;

  get calls(): number {
    return this.#calls;
  }

  get p50(): number {
    return this.#latency.p50;
  }

  /** Answers of which the rest is still being read. */
  get undrained(): number {
    return this.#undrained;
  }

  /** Calls that were not answered with a result. */
  get failed(): number {
    return this.#calls - this.#answered;
  }

  /**
   * @param number of the call, from 1
   * @param late milliseconds from the time it was due until it was sent on its way
   * @param outcome what it was answered with
   * @param onDrained called when the rest of its response was dealt with
   */
  answered(number: number, late: number, outcome: CallOutcome, onDrained: () => void): void {
    const { result, ms, timing, wire, drained } = outcome;
    this.#answered += 1;
    this.#latency.record(late + ms);
    this.#service.record(ms);
    for (const { name, spent } of this.#phases) spent.record(timing[name]);
    this.#origins[wire.origin] += 1;
    this.#httpVersions.add(wire.httpVersion);
    const code = result.isError === true ? 'tool-error' : 'ok';
    this.#count(code);
    this.#keep({ number, outcome: code, ms: late + ms, late, answer: { timing, wire } });
    this.#undrained += 1;
    void drained.then((drain) => {
      this.#undrained -= 1;
      this.#drains.set(drain.outcome, (this.#drains.get(drain.outcome) ?? 0) + 1);
      const row = this.#first.get(number);
      if (row?.answer !== undefined) this.#first.set(number, { ...row, answer: { timing, wire, drain } });
      onDrained();
    });
  }

  /** @param ms milliseconds from the time at which the call was due; see `answered` for the others */
  failedWith(number: number, late: number, ms: number, code: string): void {
    this.#count(code);
    // What the end of the run cut off says nothing about the server.
    if (code !== 'cancelled') this.#failures.record(ms);
    this.#keep({ number, outcome: code, ms, late });
  }

  counts(): Counts {
    const drains = byCount(this.#drains).map(([outcome, count]) => ({ outcome, count }));
    return {
      calls: this.#calls,
      outcomes: byCount(this.#outcomes).map(([code, count]) => ({ code, count })),
      latency: this.#latency.snapshot(),
      service: this.#service.snapshot(),
      failures: this.#failures.snapshot(),
      phases: this.#phases.map(({ name, spent }) => {
        const { p50, mean } = spent.snapshot();
        return { name, median: p50, mean };
      }),
      origins: { ...this.#origins },
      httpVersions: [...this.#httpVersions].sort(),
      drains: this.#undrained === 0 ? drains : [...drains, { outcome: 'unfinished', count: this.#undrained }],
      first: [...this.#first.values()].sort((one, other) => one.number - other.number),
    };
  }

  #count(code: string): void {
    this.#calls += 1;
    this.#outcomes.set(code, (this.#outcomes.get(code) ?? 0) + 1);
  }

  #keep(row: CallRow): void {
    if (row.number <= KEPT_CALLS) this.#first.set(row.number, row);
  }
}

function byCount<Key>(counts: ReadonlyMap<Key, number>): [Key, number][] {
  return [...counts].sort(([, one], [, other]) => other - one);
}
