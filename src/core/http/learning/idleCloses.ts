import type { KeepAlive } from '../../metrics/finding.ts';

interface Close {
  readonly ms: number;
  /** Only a request showed it: the connection looked open until then. */
  readonly met: boolean;
}

/** Milliseconds of idleness below which a close belongs to the response before it. */
export const AT_ONCE = 100;
/** Closes that are remembered. */
const WINDOW = 8;
/** Two closes after so nearly the same idleness are no chance: by this factor, or by what a busy machine adds. */
const ALIKE = { factor: 0.15, ms: 30 };
/** One that is open after so much more idleness is none of the kind: by this factor, and so many milliseconds at least. */
const SURVIVED = { factor: 1.25, ms: 250 };
/**
 * Many servers look once a second which connections have been idle for long enough: those close up to a second later than
 * the first of them could. Milliseconds between two looks, and of idleness below which that is not assumed.
 */
const SWEEP = { ms: 1_000, from: 500 };

/**
 * When a server closes idle connections. A request that meets the close on its way is lost, and whether the server
 * ran it is unknown; so a connection is given up before its time. One close alone may be a restart.
 *
 *     unknown --two closes alike--> observed --one stays open longer--> unknown again
 *        +----------header----------> hint --two closes alike, sooner--> observed --one stays open longer--> hint again
 *
 * Since we close first from then on, no later close could speak against two restarts that happened to be alike. So one
 * connection at a time is left idle past its time, with no request on it: it is closed, or the rule is wrong.
 */
export class IdleCloses {
  #closes: Close[] = [];
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
   * @param met a request met the close
   * @returns whether that makes a rule that was not there before
   */
  observeClose(idleMs: number, now: number, openedAt: number, met = false): boolean {
    if (openedAt < this.#lastAt) return false;
    this.#lastAt = now;
    const before = this.keepAlive;
    this.#closes.push({ ms: idleMs, met });
    if (this.#closes.length > WINDOW) this.#closes.shift();
    const after = this.keepAlive;
    return after !== undefined && (before === undefined || !alike(before.ms, after.ms));
  }

  /** One was still open after so much idleness: nothing against those that only a request shows. @returns whether that ends or changes the rule */
  observeSurvival(idleMs: number): boolean {
    const before = this.keepAlive;
    this.#closes = this.#closes.filter(({ ms, met }) => met || ms >= idleMs);
    return before?.ms !== this.keepAlive?.ms;
  }

  /** Milliseconds of idleness that show whether what was observed is a rule; undefined where nothing was. */
  get trial(): number | undefined {
    const { keepAlive } = this;
    if (keepAlive?.from !== 'observed' || this.#closes.at(-1)?.met === true) return undefined;
    const { ms } = keepAlive;
    return Math.max(ms * SURVIVED.factor, ms + SURVIVED.ms + (ms < SWEEP.from ? 0 : SWEEP.ms));
  }

  get keepAlive(): KeepAlive | undefined {
    const observed = this.#observed();
    if (observed !== undefined && (this.#hint === undefined || observed.ms < this.#hint)) return observed;
    return this.#hint === undefined ? undefined : { ms: this.#hint, from: 'hint' };
  }

  /** Milliseconds of idleness after which a connection is not used any more; `Infinity` where nothing is known. */
  usableFor(handshakeMs: number): number {
    // What is closed with the response is never idle, however soon the next request comes.
    if (this.#closesAtOnce) return 0;
    return this.freshFor(handshakeMs);
  }

  /** The same for one that has carried nothing, and so is not closed with a response. */
  freshFor(handshakeMs: number): number {
    const { keepAlive } = this;
    if (keepAlive === undefined || this.#closesAtOnce) return Number.POSITIVE_INFINITY;
    // The request has a way to go before the server sees it: a handshake is at least one round trip.
    const margin = Math.min(1_000, keepAlive.ms * 0.2) + handshakeMs;
    return Math.max(0, keepAlive.ms - this.#unseen - margin);
  }

  /** Milliseconds by which the next close may come sooner than any so far, where the server looks once a second. */
  get #unseen(): number {
    const { keepAlive } = this;
    if (keepAlive?.from !== 'observed' || keepAlive.ms < SWEEP.from) return 0;
    const latest = Math.max(...this.#closes.map(({ ms }) => ms).filter((ms) => alike(ms, keepAlive.ms)));
    const spread = latest - keepAlive.ms;
    return spread <= ALIKE.ms ? 0 : Math.max(0, SWEEP.ms - spread);
  }

  get #closesAtOnce(): boolean {
    return (this.keepAlive?.ms ?? AT_ONCE) < AT_ONCE;
  }

  #observed(): KeepAlive | undefined {
    const last = this.#closes.at(-1)?.ms;
    if (last === undefined) return undefined;
    const others = this.#closes
      .slice(0, -1)
      .map(({ ms }) => ms)
      .filter((ms) => alike(ms, last));
    if (others.length === 0) return undefined;
    return { ms: Math.min(last, ...others), from: 'observed', seen: others.length + 1 };
  }
}

function alike(a: number, b: number): boolean {
  const sweep = Math.min(a, b) < SWEEP.from ? 0 : SWEEP.ms + ALIKE.ms;
  return Math.abs(a - b) <= Math.max(ALIKE.ms, sweep, ALIKE.factor * Math.max(a, b));
}
