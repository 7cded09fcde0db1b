import { isSluiceError, type SluiceError, type SluiceErrorCode } from '../../core/errors.ts';
import type { McpServer } from '../../core/index.ts';
import type { Tool } from '../../core/mcp/mcpTypes.ts';
import { isDestructive, readsOnly } from './toolHints.ts';

/** What is known of what a tool does: its own word, if there is one. */
export type ToolWord =
  /** It says that it only reads, that it may destroy, or neither. */
  | { readonly kind: 'reads'; readonly tool: Tool }
  | { readonly kind: 'destroys'; readonly tool: Tool }
  | { readonly kind: 'silent'; readonly tool: Tool }
  /** The server lists its tools, and no such one. */
  | { readonly kind: 'unlisted' }
  /** The list cannot be had. `why` is a sentence without its stop. */
  | { readonly kind: 'no-list'; readonly why: string };

/** The server is there, and fails at its list: the call may succeed all the same. */
function isOfList({ code, delivery, phase }: SluiceError): boolean {
  return phase !== 'negotiation' && (delivery === 'answered' || FAILURES.has(code));
}

const FAILURES: ReadonlySet<string> = new Set<SluiceErrorCode>([
  'http-status',
  'request-timeout',
  'stream-ended',
  'too-large',
]);

/**
 * The one judgement of what may be asked before a call, whoever makes it. The tool is the one that the call goes by.
 * @throws SluiceError `not-sent` where the server cannot be asked, or has no tools: a call could not be made either
 */
export async function toolWord(
  connection: Pick<McpServer, 'findTool'>,
  name: string,
  signal?: AbortSignal,
): Promise<ToolWord> {
  try {
    const tool = await connection.findTool(name, signal === undefined ? {} : { signal });
    if (tool === undefined) return { kind: 'unlisted' };
    return { kind: readsOnly(tool) ? 'reads' : isDestructive(tool) ? 'destroys' : 'silent', tool };
  } catch (error) {
    if (!isSluiceError(error)) throw error;
    if (isOfList(error)) return { kind: 'no-list', why: error.message };
    // Of the call itself nothing was sent, whatever became of the list.
    throw error.but({ delivery: 'not-sent' });
  }
}

/** Of the tool's arguments, where it is known. */
export function schemaOf(word: ToolWord): Tool['inputSchema'] | undefined {
  return 'tool' in word ? word.tool.inputSchema : undefined;
}
