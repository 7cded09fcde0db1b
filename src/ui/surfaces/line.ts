import { isSentence } from '../../core/errors.ts';
import { cleanText } from './cleanText.ts';

declare const LINE: unique symbol;
declare const LINES: unique symbol;

/** One line for a surface of VS Code: nothing that came from outside is a link, an icon, a line break or hidden in it. */
export type Line = string & { readonly [LINE]: true };
/** Lines for the few surfaces that show several: the detail of a modal message. */
export type Lines = string & { readonly [LINES]: true };

/** Code units of one text from outside, where the place says nothing else. */
const MOST = 300;
// VS Code makes `[text](command:…)` a link that runs the command, and `$(name)` an icon.
const LINK = /\](?=\()/g;
const ICON = /\$(?=\()/g;

/** A text from outside as a line: a name, a message, a description. */
export function lineOf(text: string, most = MOST): Line {
  return partOf(text, most).trim() as Line;
}

function partOf(text: string, most: number): string {
  return cleanText(text, most).replace(LINK, '] ').replace(ICON, '$ ');
}

/** A `Line` as a part would be cleaned twice, and lose its icons: join lines with `joined`. */
type Part<P> = P extends Line ? never : string | number;

/** Our own words, with icons where they are wanted; everything laid into them is cleaned as by `lineOf`. */
export function line<const P extends readonly (string | number)[]>(
  strings: TemplateStringsArray,
  ...parts: { readonly [K in keyof P]: Part<P[K]> } & P
): Line {
  return parts.reduce<string>((text, part, index) => {
    const soFar = beside(text, partOf(String(part), MOST));
    const next = strings[index + 1] ?? '';
    // A question from outside at the end of a sentence of ours ends it.
    const isStop = next.startsWith('. ') || (next === '.' && index === parts.length - 1);
    return isStop && isSentence(soFar) ? soFar + next.slice(1) : beside(soFar, next);
  }, strings[0] ?? '') as Line;
}

/** What neither piece holds by itself must not come of them together. */
function beside(before: string, after: string): string {
  return after.startsWith('(') && /[\]$]$/.test(before) ? `${before} ${after}` : before + after;
}

/** Lines side by side, for example with ` · ` between them; those that are not there are left out. */
export function joined(separator: string, ...lines: readonly (Line | undefined)[]): Line {
  const there = lines.filter((one) => one !== undefined && one !== '');
  return there.reduce<string>((all, one, n) => beside(n === 0 ? '' : all + separator, one ?? ''), '') as Line;
}

/**
 * A piece of a URL that was parsed, in a row of a list, each character as it will be sent: a row draws no link, what would be an
 * icon is escaped, and a URL that was parsed holds nothing else that is not drawn.
 */
export function urlRow(piece: string): Line {
  return /^[!-~]*$/.test(piece) ? (piece.replace(/\$\([\w~-]+\)/g, '\\$&') as Line) : lineOf(piece);
}

/** Lines below one another, without a blank one between them. */
export function block(...lines: readonly Line[]): Lines {
  return lines.join('\n') as unknown as Lines;
}

/** Lines, or blocks of them, as paragraphs. */
export function paragraphs(...parts: readonly (Line | Lines)[]): Lines {
  return parts.join('\n\n') as unknown as Lines;
}

/**
 * A name from outside as the name of a file, for the tab of a document that has no file. Path separators become blanks.
 * @param extension with its dot
 */
export function fileName(name: string, extension: string): string {
  const clean = lineOf(name, 100)
    .replace(/[/\\?#%*:|"<>]+/g, ' ')
    .trim();
  return `${clean === '' || /^\.+$/.test(clean) ? '_' : clean}${extension}`;
}
