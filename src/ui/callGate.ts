import { excerpt } from '../core/jsonrpc/excerpt.ts';
import { type CallOrigin, questionBefore } from './callQuestion.ts';
import type { ToolCall } from './callRecord.ts';
import { shownArguments } from './secretArguments.ts';
import { joined, line, paragraphs } from './surfaces/line.ts';
import { window } from './surfaces/window.ts';
import { schemaOf, type ToolWord } from './toolWord.ts';

/** Asks before a call that the user has to say yes to. */
export class CallGate {
  readonly #given = new Set<string>();

  /**
   * @returns asks; undefined where there is nothing to ask. Its answer is `look` where the user wants to see the arguments first
   */
  questionBefore(
    call: ToolCall,
    shownServer: string,
    origin: CallOrigin,
    word: ToolWord,
  ): (() => Promise<'call' | 'look' | 'no'>) | undefined {
    const question = questionBefore(call, shownServer, origin, word);
    const key = JSON.stringify([call.server, call.tool]);
    if (question === undefined || (question.isOnce && this.#given.has(key))) return undefined;
    return async () => {
      const { text, why, isOnce } = question;
      const args = shownArguments(call.arguments, schemaOf(word));
      const once = line`You are asked once for this tool, until the window is closed.`;
      const detail = paragraphs(
        joined(' ', why, line`It is called with ${excerpt(args, 280)}.`),
        ...(isOnce ? [once] : []),
      );
      // The first button is what Enter presses: a key that was meant for the last question calls nothing.
      const [look, go] = [line`Show Arguments`, line`Call`];
      const chosen = await window.showWarningMessage(text, { modal: true, detail }, look, go);
      if (chosen === go && isOnce) this.#given.add(key);
      return chosen === go ? 'call' : chosen === look ? 'look' : 'no';
    };
  }
}
