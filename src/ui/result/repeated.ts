import { sameJson } from '../../core/jsonrpc/sameJson.ts';
import type { CallToolResult } from '../../core/mcp/mcpTypes.ts';
import { MOST_BLOCKS, onlyName, type ResultJson } from './resultJson.ts';

/** Characters that are compared. */
const MOST_COMPARED = 500_000;

/**
 * Whether the structured content says what is shown above it. "A tool that returns structured content SHOULD also return the
 * serialized JSON in a TextContent block" (2025-11-25, Structured Content); some servers put that text, or all of the content,
 * into the only member of an object.
 */
export function repeatsContent({ content, structuredContent }: CallToolResult, json: ResultJson): boolean {
  const budget = { left: MOST_COMPARED };
  const structured = json.of('structured', 0);
  // Without its text, nobody knows the digits of its numbers.
  if (!structured.isExact) return false;
  const name = onlyName(structuredContent);
  const only = name === undefined ? undefined : (structuredContent as Record<string, unknown>)[name];
  const member = json.onlyMember();
  for (const { type, text } of content.slice(0, MOST_BLOCKS)) {
    if (type !== 'text' || typeof text !== 'string') continue;
    if (text === only) return true;
    const said = { text, start: 0, end: text.length };
    if (sameJson(said, structured, budget)) return true;
    if (member !== undefined && typeof only !== 'string' && sameJson(said, member, budget)) return true;
  }
  const blocks = json.content();
  return member !== undefined && blocks !== undefined && sameJson(blocks, member, budget);
}
