/** Text as it is, whatever it holds: no markup, no icon, no link comes out of it; always one line. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[!-/:-@[-`{-~]/g, '\\$&')
    .replace(/\s+/g, ' ')
    .trim();
}

/** A link that runs a command. Works only in Markdown that is trusted for that command. */
export function commandLink(text: string, command: string, ...args: readonly unknown[]): string {
  const query = args.length === 0 ? '' : `?${encodeURIComponent(JSON.stringify(args))}`;
  // Parentheses are left alone by the encoding and would end the link's target.
  const target = query.replace(/[()]/g, (character) => (character === '(' ? '%28' : '%29'));
  return `[${escapeMarkdown(text)}](command:${command}${target})`;
}

/** A table; cells are Markdown already. `align` is one letter a column: `l` or `r`. */
export function table(align: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = [...align].map((letter) => (letter === 'r' ? '---:' : ':---'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
