import type { Clock } from '../metrics/clock.ts';
import type { DrainOutcome, DrainReport } from '../metrics/requestTiming.ts';

/**
 * After the response, the rest of its stream is read so that the connection is fit for the next call.
 * The caller has its answer by then; these budgets bound what the rest may cost. Time runs from the response and
 * nothing extends it: a server that sends a comment every second must not keep a connection for ever.
 */
export interface DrainBudget {
  /** Milliseconds. */
  readonly timeout: number;
  readonly maxBytes: number;
}

/**
 * What happens to the rest of a response: it ends, more of it comes, its time is up, its connection is closed under it,
 * or we end it.
 */
export type DrainEvent = 'end' | 'bytes' | 'timeout' | 'closed' | 'aborted';

/**
 * Milliseconds that an HTTP/2 stream has to end by itself after the response. Resetting it costs nothing, but a server
 * may take a reset for a cancellation, and most end their streams in the frame behind the last event.
 */
const STREAM_GRACE = 10;

/** The rest of one response, read behind its caller's back. */
export class Drain {
  readonly #budget: DrainBudget;
  readonly #clock: Clock;
  readonly #since: number;
  /** Read since the response. */
  #bytes = 0;
  /** It is still the read that brought the response. */
  #isPrompt = true;
  #cancelTimer: (() => void) | undefined = undefined;

  /** @param since when the response had come, on the clock */
  constructor(budget: DrainBudget, clock: Clock, since: number) {
    this.#budget = budget;
    this.#clock = clock;
    this.#since = since;
  }

  /** The read that brought the response is over, and the end was not in it. */
  outlast(): void {
    this.#isPrompt = false;
  }

  /** @param isCheap its end does not cost a connection */
  limit(isCheap: boolean, onTimeout: () => void): void {
    const { timeout } = this.#budget;
    this.#cancelTimer = this.#clock.schedule(isCheap ? Math.min(STREAM_GRACE, timeout) : timeout, onTimeout);
  }

  /**
   * @param bytes that came with the event
   * @returns the outcome, or undefined while the drain goes on
   */
  judge(event: DrainEvent, bytes = 0): DrainOutcome | undefined {
    this.#bytes += bytes;
    switch (event) {
      case 'end':
        return this.#isPrompt && this.#bytes === 0 ? 'reused' : 'drained';
      case 'bytes':
        return this.#bytes > this.#budget.maxBytes ? 'budget-bytes' : undefined;
      case 'timeout':
        return this.#bytes === 0 ? 'held-open' : 'budget-time';
      case 'closed':
        return 'closed-by-server';
      case 'aborted':
        return 'reset';
    }
  }

  /** It is over. */
  end(outcome: DrainOutcome): DrainReport {
    this.#cancelTimer?.();
    return { outcome, ms: this.#clock.now() - this.#since, bytes: this.#bytes };
  }
}

/** Whether the connection may carry another request after a drain that ended so. */
export function leavesConnectionFit(outcome: DrainOutcome): boolean {
  return outcome === 'reused' || outcome === 'drained';
}
