import { isObject } from '../jsonrpc/message.ts';
import type { SampleRequest } from './mcpTypes.ts';

/** Messages of one request. */
const MAX_MESSAGES = 10_000;

/** What makes a `sampling/createMessage` one that cannot be given to a model; undefined where nothing does. */
export function sampleProblem(params: unknown, mayHaveTools: boolean): string | undefined {
  if (!isObject(params)) return 'it has no parameters';
  const { messages, maxTokens, tools, toolChoice } = params;
  if (!Array.isArray(messages)) return 'its "messages" is not a list';
  if (messages.length > MAX_MESSAGES) return `it has more than ${MAX_MESSAGES} messages`;
  if (typeof maxTokens !== 'number') return 'its "maxTokens" is not a number';
  // "Servers MUST NOT send tool-enabled sampling requests to Clients that have not declared support for tool use"
  if (!mayHaveTools && (tools !== undefined || toolChoice !== undefined))
    return 'it has tools, which were not declared to be supported';
  if (tools !== undefined && !Array.isArray(tools)) return 'its "tools" is not a list';
  return messages.some((message) => !isMessage(message))
    ? 'one of its messages has no "role" of user or assistant, or no "content"'
    : unbalanced(messages as SampleRequest['messages']);
}

/**
 * "Every assistant message containing ToolUseContent blocks MUST be followed by a user message that consists entirely
 * of ToolResultContent blocks, with each tool use matched by a corresponding tool result" (2025-11-25, Sampling).
 */
function unbalanced(messages: SampleRequest['messages']): string | undefined {
  let open: ReadonlySet<unknown> = new Set();
  for (const { role, content } of messages) {
    const blocks = [content].flat();
    const results = blocks.filter(({ type }) => type === 'tool_result');
    if (results.length > 0 && (role !== 'user' || results.length < blocks.length))
      return 'a message mixes results of tools with something else';
    const given = new Set(results.map((block) => block['toolUseId']));
    if (given.size !== open.size || [...open].some((id) => !given.has(id)))
      return 'uses of tools and their results do not match';
    open = new Set(blocks.filter(({ type }) => type === 'tool_use').map((block) => block['id']));
  }
  return open.size === 0 ? undefined : 'a use of a tool has no result';
}

function isMessage(message: unknown): boolean {
  if (!isObject(message)) return false;
  const { role, content } = message;
  const blocks = Array.isArray(content) ? content : [content];
  return (
    (role === 'user' || role === 'assistant') &&
    blocks.every((block) => isObject(block) && typeof block['type'] === 'string')
  );
}
