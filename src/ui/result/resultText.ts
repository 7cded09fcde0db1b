import type { CallToolResult } from '../../core/mcp/mcpTypes.ts';
import type { CallRecord } from '../callRecord.ts';
import { describeError } from '../errorText.ts';
import { parseJsonText } from './jsonHtml.ts';

/** What a result says, as text to paste elsewhere: its texts where it is made of text only, else its JSON. */
export function resultText({ end }: CallRecord): string {
  if (end.kind === 'error') return errorText(end.error);
  const { content, structuredContent } = end.result;
  const texts = content.map((block) => (block.type === 'text' ? block['text'] : undefined));
  const isPlain =
    texts.length > 0 && structuredContent === undefined && texts.every((text) => typeof text === 'string');
  return isPlain ? texts.join('\n') : resultJson(end.result);
}

/** The whole result as JSON, for a person to read. */
export function resultJson(result: CallToolResult): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}

/** One part of a result in full, and the extension that names its language. */
export function partText(
  { content, structuredContent }: CallToolResult,
  part: number | 'structured',
): { readonly text: string; readonly extension: 'json' | 'txt' } {
  const value = part === 'structured' ? structuredContent : textIn(content[part]);
  if (typeof value !== 'string') return { text: JSON.stringify(value, null, 2) ?? '', extension: 'json' };
  const json = part === 'structured' ? value : parseJsonText(value);
  return json === undefined
    ? { text: value, extension: 'txt' }
    : { text: JSON.stringify(json, null, 2), extension: 'json' };
}

/** The text that a block or its resource is about, or the block where it is about something else. */
function textIn(block: CallToolResult['content'][number] | undefined): unknown {
  const resource = block?.['resource'] as { readonly text?: unknown } | undefined;
  const text = block?.type === 'text' ? block['text'] : resource?.text;
  return typeof text === 'string' ? text : block;
}

function errorText(error: unknown): string {
  const { message, hint, phase, delivery, code } = describeError(error);
  return [message, hint, phase, delivery, `[${code}]`].filter((part) => part !== undefined).join('\n');
}
