/**
 * Runs `task` soon after it is asked for, and at most once per `ms` however often that is. It never runs within `ask`:
 * whoever asks is on the way of a call. No timer runs while nobody asks.
 */
export class Throttle {
  readonly #task: () => void;
  readonly #ms: number;
  #timer: NodeJS.Timeout | undefined;
  #ranAt = Number.NEGATIVE_INFINITY;

  constructor(task: () => void, ms: number) {
    this.#task = task;
    this.#ms = ms;
  }

  ask(): void {
    this.#timer ??= setTimeout(() => this.#run(), Math.max(0, this.#ranAt + this.#ms - performance.now()));
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #run(): void {
    this.#timer = undefined;
    this.#ranAt = performance.now();
    this.#task();
  }
}
