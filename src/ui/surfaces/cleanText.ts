/**
 * What a terminal or an editor would obey or hide instead of drawing it: control characters, bidirectional controls, invisible
 * and format characters, tag characters, halves of surrogate pairs, and characters of private fonts (VS Code's icons are such).
 */
const UNDRAWN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/**
 * Joiners belong to the writing of many languages and to emoji, and variation selectors to emoji. Between Latin letters both
 * only hide.
 */
const JOINED =
  /(?<=[^\p{ASCII}\p{Cc}\p{Cf}\p{Co}\s][\ufe0f\p{M}]*)[\u200c\u200d](?=[^\p{ASCII}\p{Cc}\p{Cf}\p{Co}\s])|(?<=[\p{Extended_Pictographic}\d#*])[\ufe0e\ufe0f]/gu;
/** More marks on one letter than any language writes: a pile of them covers the lines above and below. */
const PILE = /(\p{M}{4})\p{M}+/gu;
/** Letters that are written from right to left. Without an isolate they move what stands beside them. */
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\p{Script=Samaritan}\p{Script=Mandaic}]/u;
const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';
const NO_BREAK = '\u00a0';

/** Code units that are read of a text which is cut anyway: cleaning a huge text costs no more than what is shown of it. */
const READ_AHEAD = 4;

/**
 * A text from outside as one line that shows all that it holds: line breaks and tabs become blanks, and what cannot be drawn is
 * written as its code point, for example `‹U+202E›`.
 * @param most UTF-16 code units; a longer text ends with `…`
 */
export function cleanText(text: string, most: number): string {
  const head = text.length > most * READ_AHEAD ? text.slice(0, most * READ_AHEAD) : text;
  const kept = new Set<number>();
  for (const { index } of head.matchAll(JOINED)) kept.add(index);
  const drawn = head
    .replace(UNDRAWN, (found, index: number) => (kept.has(index) ? found : drawable(found)))
    .replace(PILE, '$1')
    // One that does not break keeps a figure and its unit together; a row of them would push text out of sight. U+2800 is the
    // blank of Braille, and a letter to Unicode.
    .replace(/[\s\u2800]+/g, (blanks) => (blanks === NO_BREAK ? NO_BREAK : ' '));
  const short = cut(drawn, most, head.length < text.length);
  return RIGHT_TO_LEFT.test(short) ? `${FIRST_STRONG_ISOLATE}${short}${POP_ISOLATE}` : short;
}

function drawable(found: string): string {
  if (/[\t\n\v\f\r\u0085\u2028\u2029]/.test(found)) return ' ';
  return `‹U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`;
}

function cut(text: string, most: number, isMore: boolean): string {
  if (text.length <= most && !isMore) return text;
  const end = Math.min(text.length, most - 1);
  const isHalf = /[\ud800-\udbff]/.test(text[end - 1] ?? '');
  return `${text.slice(0, isHalf ? end - 1 : end)}…`;
}
