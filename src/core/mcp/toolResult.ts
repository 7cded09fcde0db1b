import { excerpt } from '../jsonrpc/excerpt.ts';
import type { JsonPath } from '../jsonrpc/jsonPlaces.ts';
import { isObject } from '../jsonrpc/message.ts';
import { textOf } from '../jsonrpc/messageText.ts';
import type { Reply } from '../transport/reply.ts';
import type { CallToolResult, ContentBlock } from './mcpTypes.ts';

/** The JSON text that brought a result: its numbers have all their digits there, its members their order. */
export interface SentText {
  /** Of the whole message. */
  readonly text: string;
  /** Where the result stands in it. */
  readonly result: JsonPath;
  /** Where its content blocks stand: all of them in a list there, or the only one. */
  readonly content: { readonly path: JsonPath; readonly isList: boolean };
  /** Bytes that were not UTF-8, and are U+FFFD in the text. */
  readonly invalidBytes: number;
}

/** A result as it is to be used, whatever a server sent. */
export interface ToolResult {
  readonly result: CallToolResult;
  /** Where it is not as the protocol has it, one sentence each. */
  readonly odd: readonly string[];
}

/** What stands in the place of a block that is none: `value` is what came. */
export const UNREADABLE = 'unreadable';

/** Sentences of one result. */
const MOST_ODD = 10;

/**
 * Reads the result of a call. What is not as it should be costs nothing but itself: it is kept as it came, and named.
 * - `content` that is one block, or a text, is a list of it; a list may hold blocks that are none.
 * - `toolResult` is what the first revision of the protocol (2024-10-07) called it.
 */
export function readToolResult(sent: Readonly<Record<string, unknown>>): ToolResult {
  const { received, odd } = withoutEmpty(sent);
  const { held, path } = contentOf(received);
  if (path.includes('toolResult'))
    odd.push(
      'The result has no "content". What it has instead is its "toolResult", as before the first revision.',
    );
  if (held === undefined) {
    if (sent['content'] === null) odd.push('The "content" of the result is not a list, but null.');
    else if (saysNothing(received))
      odd.push('The result has no "content": it may be the answer to something else.');
    return { result: { ...received, content: [] }, odd };
  }
  const list = Array.isArray(held) ? held : [held];
  const bad = list.flatMap((one, index) => (isBlock(one) ? [] : [index]));
  if (!Array.isArray(held) && path.length === 1)
    odd.push(`The "content" of the result is not a list, but ${excerpt(held)}.`);
  else
    for (const index of bad.slice(0, MOST_ODD))
      odd.push(`Content block ${index + 1} has no "type", and is shown as it came: ${excerpt(list[index])}.`);
  if (bad.length > MOST_ODD) odd.push(`${bad.length - MOST_ODD} more have none.`);
  return { result: { ...received, content: bad.length === 0 ? list : list.map(asBlock) }, odd };
}

/** A member that is null is one that is not there; `isError` is true or false, or it is named. */
function withoutEmpty(sent: Readonly<Record<string, unknown>>) {
  const { isError, ...others } = sent;
  const odd: string[] = [];
  const received: Record<string, unknown> = { ...others };
  for (const member of NULLABLE) if (received[member] === null) delete received[member];
  // Beside content it is one of those; alone it may be the answer, since a tool may have one of any type (2026-07-28).
  const { structuredContent } = others;
  if (structuredContent === null && !isEmpty(contentOf(received).held)) delete received['structuredContent'];
  if (typeof isError === 'boolean') received['isError'] = isError;
  else if (isError !== undefined && isError !== null) {
    // A failure that is taken for a success does more harm.
    received['isError'] = isError === 1 || /^(?:true|1|yes)$/i.test(String(isError).slice(0, 8));
    odd.push(`The "isError" of the result is neither true nor false, but ${excerpt(isError)}.`);
  }
  return { received, odd };
}

const NULLABLE = ['content', 'toolResult', '_meta'];

/** Whether an answer has nothing of what a tool says in its result, as where it is the answer to something else. */
export function saysNothing({ structuredContent, ...received }: Readonly<Record<string, unknown>>): boolean {
  return (structuredContent ?? undefined) === undefined && isEmpty(contentOf(received).held);
}

function isEmpty(held: unknown): boolean {
  return held === undefined || (Array.isArray(held) && held.length === 0);
}

/** How the result of a reply stands in the text that brought it; undefined where no text did. */
export function sentTextOf(
  { message }: Reply,
  result: Readonly<Record<string, unknown>>,
): SentText | undefined {
  const kept = textOf(message);
  if (kept === undefined || !('result' in message)) return undefined;
  const { text, index, invalidBytes } = kept;
  // The result of a task may stand within that of its poll (ext-tasks), whose task may be a member of it.
  const { task } = message.result;
  const within =
    message.result === result
      ? ['result']
      : isObject(task) && task['result'] === result
        ? ['result', 'task', 'result']
        : ['result', 'result'];
  const path = index === undefined ? within : [index, ...within];
  const { held, path: content } = contentOf(result);
  return {
    text,
    result: path,
    content: { path: [...path, ...content], isList: Array.isArray(held) },
    invalidBytes,
  };
}

/** What a result says, and where it says it. */
function contentOf(received: Readonly<Record<string, unknown>>): { held: unknown; path: JsonPath } {
  const content = received['content'] ?? undefined;
  const toolResult = received['toolResult'] ?? undefined;
  if (content !== undefined || toolResult === undefined) return { held: content, path: ['content'] };
  if (isObject(toolResult) && Array.isArray(toolResult['content']))
    return { held: toolResult['content'], path: ['toolResult', 'content'] };
  return { held: toolResult, path: ['toolResult'] };
}

function isBlock(value: unknown): value is ContentBlock {
  return isObject(value) && typeof value['type'] === 'string';
}

function asBlock(value: unknown): ContentBlock {
  if (isBlock(value)) return value;
  return typeof value === 'string' ? { type: 'text', text: value } : { type: UNREADABLE, value };
}
