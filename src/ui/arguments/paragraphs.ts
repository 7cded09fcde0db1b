import { cleanText } from '../surfaces/cleanText.ts';

/**
 * A text from outside with its line breaks, for a page that is not drawn as Markdown: each line is cleaned as any other, and
 * keeps the blanks before it.
 * @param most UTF-16 code units; a longer text ends with `…`
 */
export function paragraphsOf(text: string, most: number, indent = ''): string {
  const kept = text
    .slice(0, most)
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => `${indent}${/^ {0,40}/.exec(line)?.[0] ?? ''}${cleanText(line.trim(), most)}`)
    .join('\n');
  return text.length > most ? `${kept}…` : kept;
}
