/** Whatever the lab is told to hold waits here until the test releases it, or the client's connection closes. */
export class Holds {
  readonly #held = new Set<() => void>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Resolves at the next `release()`, when `signal` aborts, or after `ms` where one is given. */
  hold(signal: AbortSignal, ms?: number): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(() => done(), ms);
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#held.delete(done);
        this.#changed();
        resolve();
      };
      signal.addEventListener('abort', done, { once: true });
      this.#held.add(done);
      this.#changed();
    });
  }

  /** Lets go of everything held now; what is held later waits for the next release. */
  release(): void {
    for (const done of [...this.#held]) done();
  }
}
