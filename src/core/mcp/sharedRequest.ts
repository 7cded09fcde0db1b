import { untilAborted } from '../async/untilAborted.ts';

/**
 * One request for all who want the same at the same time. Whoever gives up leaves it to the others; the last one
 * takes it back.
 */
export class SharedRequest<T> {
  readonly #abort = new AbortController();
  readonly #result: Promise<T>;
  /** Resolves with it, and when it fails. */
  readonly settled: Promise<void>;
  #waiting = 0;

  constructor(run: (signal: AbortSignal) => Promise<T>) {
    this.#result = run(this.#abort.signal);
    // Whoever waits hears of it; the last one may have left.
    this.settled = this.#result.then(ignore, ignore);
  }

  /** Nobody waits for it any more. */
  get abandoned(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Rejects as soon as `signal` is aborted; without one it cannot be left, and the request is never taken back. */
  join(signal: AbortSignal | undefined): Promise<T> {
    this.#waiting++;
    const leave = () => {
      if (--this.#waiting === 0) this.#abort.abort(signal?.reason);
    };
    if (signal?.aborted === true) leave();
    else signal?.addEventListener('abort', leave, { once: true });
    return untilAborted(this.#result, signal).finally(() => signal?.removeEventListener('abort', leave));
  }
}

function ignore(): void {}
