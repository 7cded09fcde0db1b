import { layOutJson } from '../../core/jsonrpc/indentJson.ts';
import type { JsonToken } from '../../core/jsonrpc/jsonScanner.ts';
import { escapeHtml, Html } from '../surfaces/html.ts';
import type { JsonSource } from './resultJson.ts';

/** Characters of one string; what is longer hides everything behind it. */
const MOST_OF_STRING = 5_000;

/** JSON laid out, with its tokens marked for the style sheet. */
export interface JsonHtml {
  readonly html: Html;
  /** Characters that are shown. */
  readonly characters: number;
  /** Characters of the text that are not; undefined where nobody knows how many there are. */
  readonly hidden: number | undefined;
  /** Up to here the text was read. */
  readonly read: number;
}

/**
 * A JSON text as it was sent: numbers, members and their order are not changed.
 * @param most characters
 * @param note stands in the place of a string, where it has something to say of it
 * @returns undefined where the text is no JSON, as far as it is shown
 */
export function jsonHtml(
  { text, start, end, isCut, isKnown }: JsonSource,
  most: number,
  note: (literal: string) => string | undefined = () => undefined,
): JsonHtml | undefined {
  let markup = '';
  let characters = 0;
  let isFull = false;
  const { outcome, end: read } = layOutJson(
    text,
    {
      from: start,
      to: end ?? text.length,
      isPart: isCut || end === undefined,
      isFirstOnly: end === undefined,
      isKnown,
    },
    (blanks, token, piece) => {
      const room = most - characters - blanks.length;
      if (room <= 0) isFull = true;
      const shown = token === 'string' || token === 'name' ? Math.min(room, MOST_OF_STRING) : piece.length;
      markup += blanks + markupOf(token, piece, shown, note);
      characters += blanks.length + Math.min(shown, piece.length);
      if (characters >= most) isFull = true;
      return !isFull;
    },
  );
  if (outcome === 'broken') return undefined;
  const hidden = isCut || end === undefined ? undefined : end - read;
  return { html: new Html(markup), characters, read, hidden: outcome === 'whole' ? 0 : hidden };
}

function markupOf(
  token: JsonToken,
  piece: string,
  most: number,
  note: (literal: string) => string | undefined,
): string {
  switch (token) {
    case 'name':
    case 'string': {
      const noted = note(piece);
      if (noted !== undefined) return `<i>${escapeHtml(noted)}</i>`;
      const more = piece.length - most;
      const shown = more > 0 ? piece.slice(0, most) : piece;
      const rest = more > 0 ? `<i>… ${more.toLocaleString('en')} more characters</i>` : '';
      return `<bdi class="${token}">${escapeHtml(shown)}</bdi>${rest}`;
    }
    case 'number':
    case 'word':
      return `<span class="${token}">${escapeHtml(piece)}</span>`;
    default:
      return piece;
  }
}
