import type { Clock } from '../../../src/core/metrics/clock.ts';

/** Time that moves only when it is told to, from one task to the next. */
export class FakeClock implements Clock {
  #now = 0;
  #tasks: { at: number; task: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#now;
  }

  schedule(ms: number, task: () => void): () => void {
    const entry = { at: this.#now + ms, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  /** Runs what is scheduled, in order of time, until `done` settles. */
  async runUntil<T>(done: Promise<T>): Promise<T> {
    let isDone = false;
    const end = () => {
      isDone = true;
    };
    done.then(end, end);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isDone) return done;
      this.#tasks.sort((one, other) => one.at - other.at);
      const next = this.#tasks.shift();
      if (next === undefined) throw new Error('nothing is scheduled, and the run does not end');
      this.#now = Math.max(this.#now, next.at);
      next.task();
    }
  }
}
