import type { Clock } from '../../core/metrics/clock.ts';
import { mayBeShown, type ToolRow } from './toolRows.ts';

/** So long a person may still mean the rows that were on the screen until now. */
const NOT_SEEN_YET_MS = 500;
/** Lists that are kept; a server can change its own again and again. */
const MOST_LISTS = 50;

/**
 * Tells whether a row is the one that the user picked. VS Code sends the place of a row, and takes the row that is there when the place
 * arrives: where a server's tools arrived in between, that can be another one. How long a place is on its way nobody knows: a window
 * that is busy, or far away, takes its time. So a list that was replaced counts until the window has shown the next one.
 */
export class RowMoves {
  readonly #clock: Clock;
  #before: Shown[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The list was filled anew.
   * @param before the rows that it showed until now
   * @param after the rows that it shows from now on
   * @param isTyped as the user typed
   * @returns to be called when the window shows these rows
   */
  moved(before: readonly ToolRow[], after: readonly ToolRow[], isTyped: boolean): () => void {
    if (areSame(before, after)) return () => {};
    const list: Shown = { rows: before, isTyped, until: undefined };
    this.#before = [...this.#recent(), list];
    const [, oldest] = this.#before;
    // Of more lists than are kept no row is known any more: a server that changes its own all the time gains no pick by that.
    if (this.#before.length > MOST_LISTS && oldest !== undefined) {
      oldest.rows = undefined;
      oldest.isTyped = false;
      this.#before.shift();
    }
    return () => {
      list.until ??= this.#clock.now() + NOT_SEEN_YET_MS;
    };
  }

  /**
   * @param rows what the list shows now
   * @param query what was typed: in a list that did not show a row for it, nobody picked that row
   */
  isCertain(picked: ToolRow, rows: readonly ToolRow[], query = ''): boolean {
    const place = rows.indexOf(picked);
    const isFirst = picked === rows.find(({ kind }) => kind !== 'separator');
    for (const before of this.#recent().toReversed()) {
      // Who types and presses Enter at once means the first that is found.
      if (before.isTyped && isFirst) return true;
      if (before.rows === undefined) return false;
      const other = before.rows[place];
      if (other?.key === picked.key) continue;
      if (before.isTyped || query === '' || (other !== undefined && mayBeShown(other, query))) return false;
    }
    return true;
  }

  #recent(): readonly Shown[] {
    const now = this.#clock.now();
    return this.#before.filter(({ until = Number.POSITIVE_INFINITY }) => until > now);
  }
}

/** What the list showed, and until when a pick may be meant for it; undefined while the window may still show it. */
interface Shown {
  /** Undefined where they are not kept. */
  rows: readonly ToolRow[] | undefined;
  isTyped: boolean;
  until: number | undefined;
}

function areSame(before: readonly ToolRow[], after: readonly ToolRow[]): boolean {
  return before.length === after.length && before.every(({ key }, place) => key === after[place]?.key);
}
