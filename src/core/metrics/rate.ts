import type { Clock } from './clock.ts';

/** So many within a window of time, and no more until the next one: for what a server can cause as often as it likes. */
export class Rate {
  readonly max: number;
  readonly #clock: Clock;
  readonly #ms: number;
  #from = Number.NEGATIVE_INFINITY;
  #taken = 0;

  /** @param ms of a window; it begins with the first that is taken */
  constructor(clock: Clock, max: number, ms = 1_000) {
    this.#clock = clock;
    this.max = max;
    this.#ms = ms;
  }

  /** @returns whether there was one left; `first` for the first one that there was not, which is the one to tell of */
  take(): 'yes' | 'first' | 'no' {
    const now = this.#clock.now();
    if (now - this.#from >= this.#ms) {
      this.#from = now;
      this.#taken = 0;
    }
    this.#taken++;
    if (this.#taken <= this.max) return 'yes';
    return this.#taken === this.max + 1 ? 'first' : 'no';
  }
}
