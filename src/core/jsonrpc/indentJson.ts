import { type JsonEnd, JsonScanner, type JsonToken } from './jsonScanner.ts';

/** Levels that are indented; what is nested deeper stands under its last one. */
const MOST_INDENTED = 32;
const INDENTS = Array.from({ length: MOST_INDENTED + 1 }, (_, depth) => `\n${'  '.repeat(depth)}`);

export interface Indented {
  readonly outcome: JsonEnd;
  /** Where it stopped reading; the end of the text where all of it was written. */
  readonly end: number;
}

/**
 * Lays a JSON text out as `JSON.stringify(value, null, 2)` would, token by token: what stands in a token is not changed. It stops
 * where `write` returns false, and behind the first value where its length is not known.
 * @param write gets each token with the blanks before it
 */
export function layOutJson(
  text: string,
  { from = 0, to = text.length, isPart = to < text.length, isFirstOnly = false, isKnown = false }: LayOut,
  write: (blanks: string, token: JsonToken, piece: string) => boolean,
): Indented {
  const scanner = new JsonScanner(text, from, to, isPart, isKnown);
  let before: JsonToken | undefined;
  while (scanner.next()) {
    const { token, depth, start, end } = scanner;
    const blanks = blanksBetween(before, token, token === 'open' || token === 'close' ? depth - 1 : depth);
    if (!write(blanks, token, text.slice(start, end))) return { outcome: 'cut', end };
    before = token;
    const isDone = depth === 0 || (depth === 1 && token === 'close');
    if (isFirstOnly && isDone) return { outcome: 'whole', end };
  }
  return { outcome: scanner.outcome, end: scanner.end };
}

export interface LayOut {
  readonly from?: number;
  readonly to?: number;
  /** Whether the JSON goes on behind `to`. */
  readonly isPart?: boolean;
  /** Whether something else may follow on the value. */
  readonly isFirstOnly?: boolean;
  /** As the scanner's. */
  readonly isKnown?: boolean;
}

function blanksBetween(before: JsonToken | undefined, token: JsonToken, depth: number): string {
  if (before === undefined || token === 'comma' || token === 'colon') return '';
  if (before === 'colon') return ' ';
  if (before === 'open' && token === 'close') return '';
  return INDENTS[Math.min(depth, MOST_INDENTED)] ?? '';
}

/**
 * A JSON text laid out for a person to read, with its numbers, its members and their order as they stand in it.
 * @param most characters of what comes out
 * @returns undefined where it would be longer, or the text is no JSON
 */
export function indentJson(text: string, most: number): string | undefined {
  let laidOut = '';
  const { outcome } = layOutJson(text, {}, (blanks, _, piece) => {
    laidOut += blanks + piece;
    return laidOut.length <= most;
  });
  return outcome === 'whole' ? laidOut : undefined;
}
