import { JsonScanner } from '../../core/jsonrpc/jsonScanner.ts';
import { type JsonStretch, sameJson } from '../../core/jsonrpc/sameJson.ts';
import type { CallToolResult } from '../../core/mcp/mcpTypes.ts';
import { type JsonSource, MOST_BLOCKS, type ResultJson } from './resultJson.ts';

/** Characters that are compared, and looked at. */
const MOST_COMPARED = 100_000;
/** Characters of a string that is read to be compared with a text. */
const MOST_OF_STRING = 2_000_000;

/**
 * Whether the structured content says what is shown above it. "A tool that returns structured content SHOULD also return the
 * serialized JSON in a TextContent block" (2025-11-25, Structured Content); some servers put that text, or all of the content,
 * into the only member of an object.
 */
export function repeatsContent({ content }: CallToolResult, json: ResultJson): boolean {
  const budget = { left: MOST_COMPARED };
  const structured = stretch(json.of('structured', MOST_COMPARED));
  if (structured === undefined) return false;
  const member = onlyMember(structured, budget);
  const only = member && stringAt(member);
  for (const { type, text } of content.slice(0, MOST_BLOCKS)) {
    if (type !== 'text' || typeof text !== 'string') continue;
    if (text === only) return true;
    const said = { text, start: 0, end: text.length };
    if (sameJson(said, structured, budget)) return true;
    if (member !== undefined && only === undefined && sameJson(said, member, budget)) return true;
  }
  const blocks = stretch(json.content());
  return member !== undefined && blocks !== undefined && sameJson(blocks, member, budget);
}

/** Undefined where its end is not known: then it is too long to be compared. */
function stretch(source: JsonSource | undefined): JsonStretch | undefined {
  if (source === undefined || source.end === undefined || source.isCut) return undefined;
  return { text: source.text, start: source.start, end: source.end };
}

/** The value of the only member of an object; undefined where it has none or several, or is none. */
function onlyMember({ text, start, end }: JsonStretch, budget: { left: number }): JsonStretch | undefined {
  const scanner = new JsonScanner(text, start, end, false, true);
  if (text[start] !== '{') return undefined;
  let from = end;
  let to = end;
  while (scanner.next() && budget.left > 0) {
    const { token, depth } = scanner;
    if (depth === 1 && token === 'comma') return undefined;
    if (depth === 1 && token === 'close') return from < to ? { text, start: from, end: to } : undefined;
    if (depth === 1 && token === 'colon') from = scanner.end;
    to = scanner.end;
    budget.left -= token === 'string' ? 1 : scanner.end - scanner.start;
  }
  return undefined;
}

function stringAt({ text, start, end }: JsonStretch): string | undefined {
  if (end - start > MOST_OF_STRING) return undefined;
  const literal = text.slice(start, end).trim();
  return literal.startsWith('"') ? (JSON.parse(literal) as string) : undefined;
}
