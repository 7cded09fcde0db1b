import type { ToolCall } from '../history/shownCall.ts';
import { joined, type Line, line } from '../surfaces/line.ts';
import type { ToolWord } from '../tools/toolWord.ts';

/** Where a call on the user's screen comes from. */
export type CallOrigin =
  /** The user picked it, wrote it, or repeats it. */
  | 'user'
  /** A command brought it, with its arguments. */
  | 'command'
  /** From a document into which something else wrote than the user, in an editor, and Sluice. */
  | 'document';

/** The one question before a call. */
export interface CallQuestion {
  readonly text: Line;
  readonly why: Line;
  /** Asked once for each tool, as long as the window is open. */
  readonly isOnce: boolean;
}

/**
 * Which question is asked before a call, if any. A tool that says it only reads is called at once; then it counts whose call it is;
 * of the user's own, what the tool may do.
 */
export function questionBefore(
  { tool }: Pick<ToolCall, 'tool'>,
  shownServer: string,
  origin: CallOrigin,
  word: ToolWord,
): CallQuestion | undefined {
  if (word.kind === 'reads') return undefined;
  if (origin !== 'user')
    return {
      text: line`Call ${tool} of the server ${shownServer}?`,
      why: joined(' ', BROUGHT[origin], wordOf(word)),
      isOnce: false,
    };
  switch (word.kind) {
    case 'silent':
      return undefined;
    case 'destroys':
      return {
        text: line`${tool} on ${shownServer} may destroy data. Call it?`,
        why: line`Its server says so.`,
        isOnce: true,
      };
    default:
      return {
        text: line`It is not known what ${tool} on ${shownServer} does. Call it?`,
        why: wordOf(word),
        isOnce: true,
      };
  }
}

const BROUGHT: Readonly<Record<Exclude<CallOrigin, 'user'>, Line>> = {
  command: line`A command asks for this call: a link, a key, a task, or another extension.`,
  document: line`The text of this document was not written in its editor: another extension may have put it there, or an earlier window.`,
};

function wordOf(word: Exclude<ToolWord, { kind: 'reads' }>): Line {
  switch (word.kind) {
    case 'destroys':
      return line`Its server says that it may destroy data.`;
    case 'silent':
      return line`The tool does not say that it only reads.`;
    case 'unlisted':
      return line`Its server lists no tool of this name.`;
    case 'no-list':
      return line`Its server does not give the list of its tools: ${word.why}.`;
  }
}
