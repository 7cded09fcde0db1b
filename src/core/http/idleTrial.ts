import type { Clock } from '../metrics/clock.ts';
import type { Connection } from './connection.ts';

/** Milliseconds by which a timer may be late. After a longer standstill a close may not have been read yet, or is lost. */
const STANDSTILL = 50;

/**
 * A connection that is left idle past the time after which its server is thought to close it. No request is risked on
 * it, so it costs nothing but a socket; without it, nothing would ever speak against what was learnt of two closes.
 */
export class IdleTrial {
  readonly #clock: Clock;
  readonly #onSurvived: (idleMs: number) => void;
  #tried: { readonly connection: Connection; readonly idleSince: number; cancel: () => void } | undefined;

  /** @param onSurvived it was still open after so many milliseconds of idleness */
  constructor(clock: Clock, onSurvived: (idleMs: number) => void) {
    this.#clock = clock;
    this.#onSurvived = onSurvived;
  }

  get isUnderWay(): boolean {
    return this.#tried !== undefined;
  }

  /** @param until milliseconds of idleness */
  begin(connection: Connection, idleSince: number, until: number): void {
    const due = idleSince + until;
    const cancel = this.#clock.schedule(Math.max(1, due - this.#clock.now()), () => {
      const now = this.#clock.now();
      this.end();
      if (now - due < STANDSTILL) this.#onSurvived(now - idleSince);
    });
    this.#tried = { connection, idleSince, cancel };
  }

  /** @returns since when it was idle, if it is the one on trial: the server has closed it */
  lost(connection: Connection): number | undefined {
    if (this.#tried?.connection !== connection) return undefined;
    const { idleSince, cancel } = this.#tried;
    cancel();
    this.#tried = undefined;
    return idleSince;
  }

  /** Closes it, with no outcome. */
  end(): void {
    const tried = this.#tried;
    this.#tried = undefined;
    tried?.cancel();
    tried?.connection.close();
  }
}
