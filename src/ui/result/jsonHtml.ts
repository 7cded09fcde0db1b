import { type Html, html } from '../html.ts';

// A key with its colon, another string, a number, or a word: what `JSON.stringify` writes besides brackets.
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

/** JSON text with its tokens marked for the style sheet. */
export function jsonHtml(text: string): Html {
  const parts: Html[] = [];
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    parts.push(html`${text.slice(from, match.index)}`);
    const [token, string, colon, number] = match;
    if (string !== undefined && colon !== undefined) parts.push(html`<b>${string}</b>${colon}`);
    else if (string !== undefined) parts.push(html`<span class="string">${string}</span>`);
    else if (number !== undefined) parts.push(html`<span class="number">${number}</span>`);
    else parts.push(html`<span class="word">${token}</span>`);
    from = match.index + token.length;
  }
  return html`${parts}${text.slice(from)}`;
}

/** What `text` holds, where it is a JSON object or array; undefined where it is anything else. */
export function parseJsonText(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
