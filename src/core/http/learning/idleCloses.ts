/** How long the server keeps an idle connection, and how we know. */
export interface KeepAlive {
  /** Milliseconds after which it closes one. */
  readonly ms: number;
  /** `hint`: its `Keep-Alive` header says so. `observed`: it did so, twice alike. */
  readonly from: 'hint' | 'observed';
}

/** Closes that are remembered. */
const WINDOW = 8;
/** Two closes after so nearly the same idleness are no chance: by this factor, or so many milliseconds. */
const ALIKE = { factor: 0.15, ms: 300 };

/**
 * When a server closes idle connections. A request that meets the close on its way is lost, and whether the server
 * ran it is unknown; so a connection is given up before its time. One close alone may be a restart.
 */
export class IdleCloses {
  readonly #closes: number[] = [];
  #lastAt = Number.NEGATIVE_INFINITY;
  #hint: number | undefined;

  /** @returns whether it is news */
  observeHint(seconds: number): boolean {
    const ms = seconds * 1_000;
    const news = this.#hint !== ms;
    this.#hint = ms;
    return news;
  }

  /**
   * The server closed a connection that had been idle for so long. Connections that were open together are closed
   * together by a server that restarts; only one that was opened after the last close is a new piece of evidence.
   * @returns whether that makes a rule that was not there before
   */
  observeClose(idleMs: number, now: number, openedAt: number): boolean {
    if (openedAt < this.#lastAt) return false;
    this.#lastAt = now;
    const before = this.keepAlive;
    this.#closes.push(idleMs);
    if (this.#closes.length > WINDOW) this.#closes.shift();
    const after = this.keepAlive;
    return after !== undefined && (before === undefined || !alike(before.ms, after.ms));
  }

  get keepAlive(): KeepAlive | undefined {
    const observed = this.#observed();
    if (observed !== undefined && (this.#hint === undefined || observed < this.#hint))
      return { ms: observed, from: 'observed' };
    return this.#hint === undefined ? undefined : { ms: this.#hint, from: 'hint' };
  }

  /** Milliseconds of idleness after which a connection is not used any more; `Infinity` where nothing is known. */
  usableFor(handshakeMs: number): number {
    const { keepAlive } = this;
    if (keepAlive === undefined) return Number.POSITIVE_INFINITY;
    // The request has a way to go before the server sees it: a handshake is at least one round trip.
    const margin = Math.min(1_000, keepAlive.ms * 0.2) + handshakeMs;
    return Math.max(0, keepAlive.ms - margin);
  }

  #observed(): number | undefined {
    const last = this.#closes.at(-1);
    if (last === undefined) return undefined;
    const others = this.#closes.slice(0, -1).filter((close) => alike(close, last));
    return others.length === 0 ? undefined : Math.min(last, ...others);
  }
}

function alike(a: number, b: number): boolean {
  return Math.abs(a - b) <= Math.max(ALIKE.ms, ALIKE.factor * Math.max(a, b));
}
