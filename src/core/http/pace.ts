import type { Clock } from '../metrics/clock.ts';

/** Milliseconds of one turn of the event loop for all that comes from one server; the rest is for the next turn. */
const MAX_TURN = 10;
/** Milliseconds that pass without a look at where a turn ends: most answers take less, and need no timer. */
const FREE = 1;

/**
 * How fast what a server sends is read. A turn of the event loop brings up to two megabytes of each connection, and what
 * they cost is the server's choice: so the reading of all its responses shares a time a turn. Who has none left pauses
 * its response, so that the server is slowed down too, and goes on in the next turn, each in its turn.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #spent = 0;
  #isTurnOpen = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether there is time left in this turn. */
  get hasTime(): boolean {
    return this.#spent < MAX_TURN;
  }

  /** Reads something, and counts what it took. */
  spend(read: () => void): void {
    const startedAt = this.#clock.now();
    read();
    this.#spent += this.#clock.now() - startedAt;
    if (this.#spent >= FREE) this.#untilNextTurn();
  }

  /** `task` comes in a later turn that has time left. */
  later(task: () => void): void {
    this.#waiting.push(task);
    this.#untilNextTurn();
  }

  #untilNextTurn(): void {
    if (this.#isTurnOpen) return;
    this.#isTurnOpen = true;
    this.#clock.schedule(0, () => {
      this.#isTurnOpen = false;
      this.#spent = 0;
      // What waits again waits behind the others.
      for (let left = this.#waiting.length; left > 0 && this.hasTime; left--) this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#untilNextTurn();
    });
  }
}
