import { shownArguments } from '../arguments/secretArguments.ts';
import type { ToolCall } from '../history/shownCall.ts';
import { line } from '../surfaces/line.ts';
import { schemaOf, type ToolWord } from '../tools/toolWord.ts';
import { type CallOrigin, questionBefore } from './callQuestion.ts';
import { type Confirmation, confirmCall } from './confirmCall.ts';

/** Asks before a call that the user has to say yes to. */
export class CallGate {
  readonly #given = new Set<string>();

  /**
   * @returns asks; undefined where there is nothing to ask
   */
  questionBefore(
    call: ToolCall,
    shownServer: string,
    origin: CallOrigin,
    word: ToolWord,
  ): (() => Promise<Confirmation>) | undefined {
    const question = questionBefore(call, shownServer, origin, word);
    const key = JSON.stringify([call.server, call.tool]);
    if (question === undefined || (question.isOnce && this.#given.has(key))) return undefined;
    return async () => {
      const { text, why, isOnce } = question;
      const once = line`You are asked once for this tool, until the window is closed.`;
      const args = shownArguments(call.arguments, schemaOf(word));
      const answer = await confirmCall(text, why, args, ...(isOnce ? [once] : []));
      if (answer === 'call' && isOnce) this.#given.add(key);
      return answer;
    };
  }
}
