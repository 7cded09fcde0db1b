/** Requests whose times are kept. */
const KEPT = 64;

/** When requests were asked for: how many of them a stretch of time must be ready for. */
export class Arrivals {
  readonly #times = new Float64Array(KEPT);
  #count = 0;

  /** @param now milliseconds, never less than the time before */
  add(now: number): void {
    this.#times[this.#count++ % KEPT] = now;
  }

  get last(): number | undefined {
    return this.#count === 0 ? undefined : this.#at(this.#count - 1);
  }

  /** The most that came within `ms` milliseconds; at most 64. */
  most(ms: number): number {
    const first = Math.max(0, this.#count - KEPT);
    let most = 0;
    let from = first;
    for (let index = first; index < this.#count; index++) {
      while (this.#at(index) - this.#at(from) > ms) from++;
      most = Math.max(most, index - from + 1);
    }
    return most;
  }

  /** Milliseconds between two that followed each other: the longest of the last eight. 0 where there were not two. */
  longestPause(): number {
    let longest = 0;
    for (let index = Math.max(1, this.#count - 8); index < this.#count; index++) {
      longest = Math.max(longest, this.#at(index) - this.#at(index - 1));
    }
    return longest;
  }

  #at(index: number): number {
    return this.#times[index % KEPT] ?? 0;
  }
}
