import { cleanText } from './cleanText.ts';

/** Markdown that is safe to show as it is. */
export class Markdown {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

export type MarkdownPart = Markdown | string | number | undefined;

/** Code units of one text from outside. */
const MOST = 2_000;

/** What means something in Markdown, or would become a link by itself; not the point of a figure, nor a hyphen inside a word. */
const MARKS = /[!#$&()*+:<>@[\\\]^_`{|}~]|(?<!\d)\.|\.(?!\d)|(?<!\w)-|-(?!\w)/g;

/** Builds Markdown. What is laid into the template is text on one line, unless it is Markdown built here already. */
export function markdown(strings: TemplateStringsArray, ...parts: readonly MarkdownPart[]): Markdown {
  return new Markdown(
    parts.reduce<string>(
      (source, part, index) => source + render(part) + (strings[index + 1] ?? ''),
      strings[0] ?? '',
    ),
  );
}

function render(part: MarkdownPart): string {
  if (part === undefined) return '';
  return part instanceof Markdown ? part.source : escapeMarkdown(String(part));
}

/** Text as it is, whatever it holds: no markup, no icon, no link comes out of it; always one line. */
export function escapeMarkdown(text: string): string {
  return cleanText(text, MOST).replace(MARKS, '\\$&');
}

/** A piece of code on one line, in as many backticks as it needs. */
export function inlineCode(text: string, most = MOST): Markdown {
  const clean = cleanText(text, most);
  const longest = Math.max(0, ...(clean.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return new Markdown(longest === 0 ? `${fence}${clean}${fence}` : `${fence} ${clean} ${fence}`);
}

/** Those that are there, with `separator` between them; empty ones are left out. */
export function joinMarkdown(separator: string, parts: readonly (Markdown | undefined)[]): Markdown {
  const there = parts.filter((part) => part !== undefined && part.source !== '');
  return new Markdown(there.map((part) => part?.source).join(separator));
}

/** What is there of these, with an empty line between them. */
export function paragraphs(...parts: readonly (Markdown | undefined)[]): Markdown {
  return joinMarkdown('\n\n', parts);
}

/** A link that runs a command. Works only in Markdown that is trusted for that command. */
export function commandLink(text: string, command: string, ...args: readonly unknown[]): Markdown {
  const query = args.length === 0 ? '' : `?${encodeURIComponent(JSON.stringify(args))}`;
  // Parentheses are left alone by the encoding and would end the link's target.
  const target = query.replace(/[()]/g, (character) => (character === '(' ? '%28' : '%29'));
  return new Markdown(`[${escapeMarkdown(text)}](command:${command}${target})`);
}

/** A table. `align` is one letter a column: `l` or `r`. */
export function table(
  align: string,
  head: readonly MarkdownPart[],
  rows: readonly (readonly MarkdownPart[])[],
): Markdown {
  const rule = [...align].map((letter) => (letter === 'r' ? '---:' : ':---'));
  const cells = [head.map(render), rule, ...rows.map((row) => row.map(render))];
  return new Markdown(cells.map((row) => `| ${row.join(' | ')} |`).join('\n'));
}
