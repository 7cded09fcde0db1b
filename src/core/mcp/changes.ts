import type { Clock } from '../metrics/clock.ts';

/** Of one kind that are acted upon at once, though something was asked since the one before; then they come a second apart, each time twice as long, up to a minute. */
const AT_ONCE = 3;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;
/** Kinds: a method, or the URI of a resource. Of more, the one that came longest ago is forgotten. */
const MAX_KINDS = 1_000;

interface Kind {
  /** In a row. */
  acted: number;
  actedAt: number;
  /** What had been asked by then. */
  asked: number;
  /** Of the one that is to be acted upon. */
  cancel?: (() => void) | undefined;
}

/**
 * What a server tells of changes, which makes this client, and those who listen to it, ask again. Some servers tell so after each
 * list that they give: acted upon each time, that would be an endless loop. Only what comes after something was asked may be of one:
 * however many come together, they are acted upon at once, and asked for once. Nothing is lost: the last change of a loop is acted
 * upon, a while later. Where nothing comes for twice the pause, the next one is acted upon at once again.
 */
export class Changes {
  readonly #clock: Clock;
  readonly #kinds = new Map<string, Kind>();
  readonly #asked: () => number;
  readonly #onLoop: (kind: string) => void;

  /**
   * @param asked how often this client has asked for what may change
   * @param onLoop gets the kind that comes so often that it has to wait for the first time
   */
  constructor(clock: Clock, asked: () => number, onLoop: (kind: string) => void) {
    this.#clock = clock;
    this.#asked = asked;
    this.#onLoop = onLoop;
  }

  told(name: string, act: () => void): void {
    const now = this.#clock.now();
    const kind = this.#kindOf(name);
    if (kind.cancel !== undefined) return;
    const pause = pauseAfter(kind.acted);
    if (now - kind.actedAt >= Math.max(2 * pause, FIRST_PAUSE)) kind.acted = 0;
    const isNews = kind.asked === this.#asked();
    const wait = isNews || kind.acted < AT_ONCE ? 0 : kind.actedAt + pause - now;
    const run = () => {
      kind.cancel = undefined;
      if (!isNews) kind.acted++;
      kind.asked = this.#asked();
      kind.actedAt = this.#clock.now();
      act();
    };
    if (wait <= 0) return run();
    if (kind.acted === AT_ONCE) this.#onLoop(name);
    kind.cancel = this.#clock.schedule(wait, run);
  }

  /** What waits is not acted upon any more. */
  close(): void {
    for (const { cancel } of this.#kinds.values()) cancel?.();
    this.#kinds.clear();
  }

  #kindOf(name: string): Kind {
    const kind = this.#kinds.get(name) ?? { acted: 0, actedAt: Number.NEGATIVE_INFINITY, asked: -1 };
    this.#kinds.delete(name);
    this.#kinds.set(name, kind);
    const [oldest] = this.#kinds;
    if (this.#kinds.size > MAX_KINDS && oldest !== undefined) {
      oldest[1].cancel?.();
      this.#kinds.delete(oldest[0]);
    }
    return kind;
  }
}

function pauseAfter(acted: number): number {
  return acted < AT_ONCE ? 0 : Math.min(FIRST_PAUSE * 2 ** (acted - AT_ONCE), LONGEST_PAUSE);
}
