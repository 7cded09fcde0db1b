// `[text](command:…)` in a notification or an input box becomes a link that runs the command.
const LINK = /\]\(/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** What a server said, fit for one line of VS Code's own surfaces: nothing in it can be clicked or hides a part. */
export function plainText(text: string, most = 300): string {
  const line = text.replace(UNPRINTABLE, ' ').replace(/\s+/g, ' ').replace(LINK, '] (').trim();
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}
