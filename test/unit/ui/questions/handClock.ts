import type { Clock } from '../../../../src/core/metrics/clock.ts';

/** Time that the test moves. */
export class HandClock implements Clock {
  #now = 1_000;
  readonly #timers = new Set<{ readonly at: number; readonly task: () => void }>();

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#now;
  }

  schedule(ms: number, task: () => void): () => void {
    const timer = { at: this.#now + ms, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** @param early milliseconds by which each timer comes too soon, as those of a system do */
  pass(ms: number, early = 0): void {
    const until = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at - early <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at - early);
      next.task();
    }
    this.#now = until;
  }
}
