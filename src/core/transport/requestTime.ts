import type { Clock } from '../metrics/clock.ts';

/** Milliseconds that a person may take to answer what the server asks in the middle of a request. */
const MAX_HOLD = 3_600_000;

/**
 * The time of one request. It stands still while a person is asked, and goes on from there: however often a server asks,
 * it gets no more time of its own.
 */
export class RequestTime {
  readonly #clock: Clock;
  readonly #onOver: (ms: number) => void;
  /** Milliseconds, when it last went on. */
  #left: number;
  #wentOnAt: number;
  #holds = 0;
  #isOver = false;
  #cancel: () => void = () => undefined;

  /** @param onOver gets the milliseconds that were waited last */
  constructor(clock: Clock, ms: number, onOver: (ms: number) => void) {
    this.#clock = clock;
    this.#onOver = onOver;
    this.#left = ms;
    this.#wentOnAt = clock.now();
    this.#schedule(ms);
  }

  /** Stands still, for an hour after the last hold at most; what it returns lets it go on, once all holds are gone. */
  hold(): () => void {
    if (this.#holds++ === 0) this.#left -= this.#clock.now() - this.#wentOnAt;
    this.#schedule(MAX_HOLD);
    return () => {
      if (--this.#holds > 0) return;
      this.#wentOnAt = this.#clock.now();
      this.#schedule(Math.max(1, this.#left));
    };
  }

  /** It has so many milliseconds from now on. */
  restart(ms: number): void {
    this.#left = ms;
    this.#wentOnAt = this.#clock.now();
    this.#schedule(ms);
  }

  stop(): void {
    this.#isOver = true;
    this.#cancel();
  }

  #schedule(ms: number): void {
    this.#cancel();
    if (!this.#isOver) this.#cancel = this.#clock.schedule(ms, () => this.#onOver(ms));
  }
}
