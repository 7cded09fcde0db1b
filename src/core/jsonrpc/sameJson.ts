import { JsonScanner } from './jsonScanner.ts';

/** A stretch of a text that holds a JSON value. */
export interface JsonStretch {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Whether two JSON texts say the same: the same tokens in the same order, whatever blanks are between them and however characters
 * are escaped. Numbers are compared by their text: 1.0 is not 1, and no digit is lost. False where it takes too long to tell.
 * @param budget `left` is how many characters may still be compared; what is compared is taken from it
 */
export function sameJson(one: JsonStretch, other: JsonStretch, budget: { left: number }): boolean {
  const first = scan(one, budget.left);
  const second = scan(other, budget.left);
  while (first.next()) {
    if (!second.next() || first.token !== second.token) return false;
    const a = one.text.slice(first.start, first.end);
    const b = other.text.slice(second.start, second.end);
    budget.left -= a.length + b.length;
    if (budget.left < 0) return false;
    const mayBeEscaped = first.token === 'string' || first.token === 'name';
    if (a !== b && !(mayBeEscaped && JSON.parse(a) === JSON.parse(b))) return false;
  }
  return !second.next() && first.outcome === 'whole' && second.outcome === 'whole';
}

/** No more is looked at than may be compared. */
function scan({ text, start, end }: JsonStretch, most: number): JsonScanner {
  const to = Math.min(end, start + most);
  return new JsonScanner(text, start, to, to < end);
}
