import type { Clock } from '../metrics/clock.ts';

/** Kinds that are remembered; of more, the one that was told longest ago is forgotten. */
const MAX_KINDS = 256;
/** Milliseconds, and how often in them a kind is told. */
const WINDOW = 60_000;
const MAX_TOLD = 4;

interface Kind {
  readonly from: number;
  told: number;
  /** Since it was told last. */
  more: number;
  last: string;
}

/**
 * A server that causes a warning mostly causes it with each call. Of each kind four are told a minute, and later how often it came
 * since then. Warnings that differ only in numbers are of one kind, unless the caller names the kind.
 */
export class RepeatedWarnings {
  readonly #clock: Clock;
  readonly #kinds = new Map<string, Kind>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns what to tell; undefined where it is counted only */
  take(message: string, kind = message.replace(/(?<=\s)\d+/g, '#')): string | undefined {
    const now = this.#clock.now();
    const known = this.#kinds.get(kind);
    if (known !== undefined && now - known.from < WINDOW) {
      if (known.told++ < MAX_TOLD) return message;
      known.more++;
      known.last = message;
      return undefined;
    }
    this.#kinds.delete(kind);
    this.#kinds.set(kind, { from: now, told: 1, more: 0, last: message });
    const [oldest] = this.#kinds.keys();
    if (this.#kinds.size > MAX_KINDS && oldest !== undefined) this.#kinds.delete(oldest);
    return known === undefined ? message : withCount(message, known.more);
  }

  /** The connection is over: what was only counted, and everything is told anew. */
  flush(): readonly string[] {
    const counted = [...this.#kinds.values()].filter(({ more }) => more > 0);
    this.#kinds.clear();
    return counted.map(({ last, more }) => withCount(last, more - 1));
  }
}

function withCount(message: string, more: number): string {
  return more === 0 ? message : `${message} (and ${more} ${more === 1 ? 'time' : 'times'} more before)`;
}
