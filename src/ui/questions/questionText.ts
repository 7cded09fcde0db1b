import { joined, type Line, line, lineOf, urlRow } from '../surfaces/line.ts';

/** Code units of a message that are shown, and rows that they are shown in. */
export const MOST_TEXT = 8_000;
export const MOST_ROWS = 200;
/** How much a row of a list holds, in letters of common width. */
const ROW = 80;

/**
 * What a server says, as rows that are read one below the other. Each begins with our quotation mark, which no text of a server can
 * draw: none of them can be taken for an address, a warning or an action.
 */
export function quoted(message: string): Line[] {
  return linesOf(message).map((text) => line`$(quote) ${text}`);
}

/** The message where it fits into one line; undefined where it has to be read in rows. */
export function oneLine(message: string): Line | undefined {
  const [only, ...more] = linesOf(message);
  return more.length > 0 ? undefined : lineOf(only ?? '');
}

function linesOf(message: string): string[] {
  const paragraphs = message.slice(0, MOST_TEXT).split(/[\r\n\u0085\u2028\u2029]+/);
  const lines = paragraphs.flatMap((paragraph) => wrap(paragraph, ROW));
  if (message.length <= MOST_TEXT && lines.length <= MOST_ROWS) return lines;
  return [...lines.slice(0, MOST_ROWS), `… (this is not all: the message has ${message.length} characters)`];
}

/** An address whole, in as many rows as it takes. */
export function addressRows({ href }: URL): Line[] {
  return (href.match(/.{1,64}/gu) ?? []).map((piece) => joined(' ', line`$(globe)`, urlRow(piece)));
}

/** Words side by side as long as they fit; a word that is longer is broken, so that none of it is hidden. */
export function wrap(text: string, most: number): string[] {
  const lines: string[] = [];
  let row = '';
  let width = 0;
  const begin = (piece: string): void => {
    if (row !== '') lines.push(row);
    row = piece;
    width = widthOf(piece);
  };
  for (const word of text.split(/\s+/).flatMap((whole) => pieces(whole, most))) {
    const wider = width + 1 + widthOf(word);
    if (row === '' || wider > most) begin(word);
    else {
      row = `${row} ${word}`;
      width = wider;
    }
  }
  begin('');
  return lines;
}

function pieces(word: string, most: number): string[] {
  const found: string[] = [];
  let piece = '';
  let width = 0;
  for (const letter of word) {
    const more = letterWidth(letter);
    if (piece !== '' && width + more > most) {
      found.push(piece);
      piece = '';
      width = 0;
    }
    piece += letter;
    width += more;
  }
  return piece === '' ? found : [...found, piece];
}

function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) width += letterWidth(letter);
  return width;
}

/** In a proportional font, against the common small letter. */
function letterWidth(letter: string): number {
  // What cannot be drawn is written as its code point.
  if (/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u.test(letter)) return 8;
  if (
    /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
      letter,
    ) ||
    letter.length > 1
  )
    return 2;
  if (/[MW@%—…]/.test(letter)) return 1.6;
  return /[A-Z0-9mw_+=<>~&#]/.test(letter) ? 1.25 : 1;
}
