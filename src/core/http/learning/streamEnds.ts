import type { DrainReport } from '../../metrics/requestTiming.ts';

/** What responses leave behind: a connection that is fit for the next call, soon, late, or not at all. */
export type StreamEndVerdict =
  /** The connection can be used again. */
  | { readonly kind: 'reusable' }
  /** The stream is left open after the response, so many times of so many, and for `ms` milliseconds at least. */
  | { readonly kind: 'held-open'; readonly held: number; readonly all: number; readonly ms: number }
  /** The server ends the connection with each response. */
  | { readonly kind: 'closed'; readonly closed: number; readonly all: number };

/** Responses that are looked at. */
const WINDOW = 8;
/** Of the last ones, so many have to say the same before it is a habit. */
const HABIT = 3;
/** Milliseconds that a stream's end may follow its response in a packet of its own, where nothing else is known. */
export const USUAL_TAIL = 3;

/**
 * Evidence on how an origin ends its streams. A drain that we cut short ourselves says nothing about the server but
 * that its stream was open for so long.
 */
export class StreamEnds {
  readonly #ends: DrainReport[] = [];
  #prompt = 0;

  observe(report: DrainReport): void {
    this.#prompt = report.outcome === 'reused' ? this.#prompt + 1 : 0;
    this.#ends.push(report);
    if (this.#ends.length > WINDOW) this.#ends.shift();
  }

  /** All that is remembered ended with the response: one more of the kind is no news. */
  get isPrompt(): boolean {
    return this.#prompt >= WINDOW;
  }

  get verdict(): StreamEndVerdict {
    // What we cut is counted as what the others are: the habit shows in those that were left to end.
    const told = this.#ends.filter(({ outcome }) => outcome !== 'reset');
    const recent = told.slice(-HABIT - 1);
    const held = recent.filter(({ outcome }) => HELD.has(outcome)).length;
    if (held >= HABIT) {
      const ms = Math.max(...told.filter(({ outcome }) => HELD.has(outcome)).map((end) => end.ms));
      return { kind: 'held-open', held: count(told, HELD), all: told.length, ms };
    }
    const closed = recent.filter(({ outcome }) => CLOSED.has(outcome)).length;
    if (closed >= HABIT) return { kind: 'closed', closed: count(told, CLOSED), all: told.length };
    return { kind: 'reusable' };
  }

  /** Whether lately most connections could not be used again, for whatever reason, cut by us included. */
  get costsConnections(): boolean {
    const recent = this.#ends.slice(-HABIT - 1);
    return recent.filter(({ outcome }) => !FIT.has(outcome)).length >= HABIT;
  }

  /** Milliseconds within which a stream that ends does end, by the longest of the last ones. */
  get tail(): number {
    let longest = USUAL_TAIL;
    for (const { outcome, ms } of this.#ends) if (FIT.has(outcome)) longest = Math.max(longest, ms);
    return longest;
  }
}

const FIT: ReadonlySet<string> = new Set(['reused', 'drained']);
const HELD: ReadonlySet<string> = new Set(['held-open', 'budget-time', 'budget-bytes']);
const CLOSED: ReadonlySet<string> = new Set(['closed-by-server']);

function count(ends: readonly DrainReport[], outcomes: ReadonlySet<string>): number {
  return ends.filter(({ outcome }) => outcomes.has(outcome)).length;
}
