import { isSluiceError, UNREACHABLE } from '../errors.ts';
import { type Clock, systemClock } from '../metrics/clock.ts';
import type { McpServer } from '../servers/mcpServer.ts';
import { type BenchmarkPlan, callsOf, dueAt, MOST_AT_ONCE, planProblems } from './benchmarkPlan.ts';
import type { BenchmarkReport, RunEnd } from './benchmarkReport.ts';
import { histogramBars } from './histogramBars.ts';
import { Tally } from './tally.ts';

export interface BenchmarkOptions {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly plan: BenchmarkPlan;
  /** Ends the run: calls under way are cancelled, the report tells what there is. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BenchmarkProgress) => void;
  readonly clock?: Clock;
}

/** How far a run has come. */
export interface BenchmarkProgress {
  readonly calls: number;
  /** Share of the run that is over, from 0 to 1. */
  readonly share: number;
  readonly failed: number;
  /** Milliseconds, of the calls answered so far. */
  readonly p50: number;
}

/** What a run needs of a server. */
export type Benchmarked = Pick<McpServer, 'name' | 'connect' | 'listTools' | 'callTool' | 'snapshot'>;

const BENCHMARK = { kind: 'benchmark' } as const;
const PROGRESS_EVERY_MS = 200;
const MOST_FAILURES_IN_A_ROW = 10;
const DRAIN_WAIT_MS = 1000;

/** Failures that say that there is nobody to talk to. */
const GONE: ReadonlySet<string> = new Set([...UNREACHABLE, 'connection-lost']);

/**
 * Calls a tool over and over, as the plan says, and reports what came of it. Connects and lists the tools first, so
 * that neither is in the first call.
 * @throws SluiceError where the server cannot be connected; RangeError for a plan that cannot be run
 */
export async function runBenchmark(
  connection: Benchmarked,
  options: BenchmarkOptions,
): Promise<BenchmarkReport> {
  const problems = planProblems(options.plan);
  if (problems.length > 0) throw new RangeError(problems.join(' '));
  const { signal } = options;
  const cancelled = signal === undefined ? {} : { signal };
  const { protocolVersion } = await connection.connect(cancelled);
  await connection.listTools(cancelled);
  return new BenchmarkRun(connection, options).run(protocolVersion);
}

class BenchmarkRun {
  readonly #connection: Benchmarked;
  readonly #options: BenchmarkOptions;
  readonly #clock: Clock;
  readonly #tally = new Tally();
  readonly #underWay = new Set<AbortController>();
  /** Sleepers, by what wakes each. */
  readonly #asleep = new Set<() => void>();
  readonly #most: number;
  readonly #startedAt: number;
  #made = 0;
  #end: RunEnd | undefined;
  #gone = 0;
  #mostAtOnce = 0;
  #isDraining = false;
  #lastSettledAt: number;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(connection: Benchmarked, options: BenchmarkOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#most = callsOf(options.plan);
    this.#startedAt = this.#clock.now();
    this.#lastSettledAt = this.#startedAt;
  }

  async run(protocolVersion: string): Promise<BenchmarkReport> {
    const { tool, plan, signal } = this.#options;
    const startedAt = this.#clock.wallTime();
    const before = this.#connection.snapshot().pool;
    const cancel = (): void => this.#stop({ kind: 'cancelled' });
    if (signal?.aborted === true) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      await (plan.load.kind === 'open'
        ? this.#callOnTime(plan.load.ratePerSecond)
        : this.#callInTurns(plan.load));
      await this.#drained();
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
    this.#tell({ atOnce: true });
    const { pool, findings, url } = this.#connection.snapshot();
    const counts = this.#tally.counts();
    const elapsed = this.#lastSettledAt - this.#startedAt;
    return {
      server: this.#connection.name,
      url,
      tool,
      arguments: this.#options.arguments,
      plan,
      end: this.#end ?? { kind: 'complete' },
      startedAt,
      elapsed,
      protocolVersion,
      ...counts,
      bars: histogramBars([counts.latency]),
      throughput: elapsed > 0 ? (counts.latency.count * 1000) / elapsed : 0,
      mostAtOnce: this.#mostAtOnce,
      pool: {
        opened: pool.opened - before.opened,
        reused: pool.reused - before.reused,
        requests: pool.requests - before.requests,
      },
      findings,
    };
  }

  /** Closed: each caller waits for its answer. */
  async #callInTurns({ concurrency, gap }: { concurrency: number; gap: number }): Promise<void> {
    const caller = async (): Promise<void> => {
      while (this.#hasMore()) {
        const isAnswered = await this.#call(++this.#made, this.#clock.now());
        // A call that failed may not have waited for anything: without a pause nothing else would get its turn.
        if ((gap > 0 || !isAnswered) && this.#hasMore()) await this.#sleep(gap);
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, this.#most) }, caller));
  }

  /**
   * Open: calls are made when they are due, and what is late counts from then. Otherwise a stall would hide the calls
   * that would have met it ("coordinated omission").
   */
  async #callOnTime(ratePerSecond: number): Promise<void> {
    while (this.#hasMore()) {
      const due = this.#startedAt + dueAt(this.#made, ratePerSecond);
      const early = due - this.#clock.now();
      if (early > 0) await this.#sleep(early);
      else if (this.#underWay.size >= MOST_AT_ONCE) await this.#sleep(undefined);
      else void this.#call(++this.#made, due).then(() => this.#wake());
    }
    while (this.#underWay.size > 0) await this.#sleep(undefined);
  }

  #hasMore(): boolean {
    const { load, extent } = this.#options.plan;
    if (this.#end !== undefined || this.#made >= this.#most) return false;
    return load.kind === 'open' || extent.kind === 'calls' || this.#elapsed() < extent.seconds * 1000;
  }

  /** @returns whether it was answered; it never rejects */
  async #call(number: number, due: number): Promise<boolean> {
    const { tool, arguments: args } = this.#options;
    // One signal a call: one for all would gather a listener for each of a million calls.
    const abort = new AbortController();
    this.#underWay.add(abort);
    this.#mostAtOnce = Math.max(this.#mostAtOnce, this.#underWay.size);
    const late = Math.max(0, this.#clock.now() - due);
    try {
      const outcome = await this.#connection.callTool(tool, args, {
        signal: abort.signal,
        initiator: BENCHMARK,
      });
      this.#gone = 0;
      this.#tally.answered(number, late, outcome, () => {
        if (this.#isDraining) this.#wake();
      });
      return true;
    } catch (error) {
      const [code, message] = isSluiceError(error)
        ? [error.code, error.message]
        : ['internal', String(error)];
      this.#tally.failedWith(number, late, this.#clock.now() - due, code);
      if (GONE.has(code)) this.#gone += 1;
      if (code === 'closed' || this.#gone >= MOST_FAILURES_IN_A_ROW)
        this.#stop({ kind: 'server-gone', code, message });
      return false;
    } finally {
      this.#underWay.delete(abort);
      this.#lastSettledAt = this.#clock.now();
      this.#tell({ atOnce: false });
    }
  }

  #stop(end: RunEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    for (const abort of this.#underWay) abort.abort();
    this.#wake();
  }

  /** What is left of the last responses is no longer on anyone's clock, but belongs to the report. */
  async #drained(): Promise<void> {
    this.#isDraining = true;
    const until = this.#clock.now() + DRAIN_WAIT_MS;
    for (;;) {
      const left = until - this.#clock.now();
      if (this.#tally.undrained === 0 || left <= 0) return;
      await this.#sleep(left);
    }
  }

  /** Until `ms` have passed, or something happened that the sleeper may want to look at. */
  #sleep(ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#asleep.delete(wake);
        cancel?.();
        resolve();
      };
      const cancel = ms === undefined ? undefined : this.#clock.schedule(ms, wake);
      this.#asleep.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#asleep]) wake();
  }

  #elapsed(): number {
    return this.#clock.now() - this.#startedAt;
  }

  #tell({ atOnce }: { atOnce: boolean }): void {
    const { onProgress, plan } = this.#options;
    const now = this.#clock.now();
    if (onProgress === undefined || (!atOnce && now - this.#toldAt < PROGRESS_EVERY_MS)) return;
    this.#toldAt = now;
    const { calls, failed, p50 } = this.#tally;
    const { load, extent } = plan;
    const share =
      load.kind === 'closed' && extent.kind === 'duration'
        ? this.#elapsed() / (extent.seconds * 1000)
        : calls / this.#most;
    onProgress({ calls, share: Math.min(1, share), failed, p50 });
  }
}
