import type { Clock } from '../core/metrics/clock.ts';
import type { ToolRow } from './toolRows.ts';

/** So long a key or a click may be on its way to us: it was meant for the rows that were on the screen when it was made. */
const ON_ITS_WAY_MS = 500;
/** Lists that are kept; a server can change its own again and again. */
const MOST_LISTS = 50;

/**
 * Tells whether a row is the one that the user picked. VS Code sends the place of a row, and takes the row that is there when the place
 * arrives: where a server's tools arrived in between, that can be another one.
 */
export class RowMoves {
  readonly #clock: Clock;
  #before: readonly Shown[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The list was filled anew.
   * @param before the rows that it showed until now
   * @param after the rows that it shows from now on
   * @param isTyped as the user typed
   */
  moved(before: readonly ToolRow[], after: readonly ToolRow[], isTyped: boolean): void {
    if (!isTyped && areSame(before, after)) return;
    const until = this.#clock.now() + ON_ITS_WAY_MS;
    const all = [...this.#recent(), { until, rows: before, isTyped }];
    const [, second, ...others] = all;
    // Of more lists than are kept no row is known any more: a server that changes its own all the time gains no pick by that.
    this.#before =
      all.length > MOST_LISTS && second !== undefined
        ? [{ until: second.until, rows: [], isTyped: false }, ...others]
        : all;
  }

  /** @param rows what the list shows now */
  isCertain(picked: ToolRow, rows: readonly ToolRow[]): boolean {
    const place = rows.indexOf(picked);
    const isFirst = picked === rows.find(({ kind }) => kind !== 'separator');
    for (const before of this.#recent().toReversed()) {
      // Who types and presses Enter at once means the first that is found.
      if (before.isTyped && isFirst) return true;
      if (before.rows[place]?.key !== picked.key) return false;
    }
    return true;
  }

  #recent(): readonly Shown[] {
    const now = this.#clock.now();
    return this.#before.filter(({ until }) => until > now);
  }
}

/** What the list showed, and until when a key that was meant for it may come. */
interface Shown {
  readonly until: number;
  readonly rows: readonly ToolRow[];
  readonly isTyped: boolean;
}

function areSame(before: readonly ToolRow[], after: readonly ToolRow[]): boolean {
  return before.length === after.length && before.every(({ key }, place) => key === after[place]?.key);
}
