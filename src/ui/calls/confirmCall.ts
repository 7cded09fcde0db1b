import { excerpt } from '../../core/jsonrpc/excerpt.ts';
import { joined, type Line, line, paragraphs } from '../surfaces/line.ts';
import { window } from '../surfaces/window.ts';

const MOST_ARGUMENTS = 280;

/** `look`: the user wants to see the arguments first. */
export type Confirmation = 'call' | 'look' | 'no';

/**
 * Asks before a call, or before many.
 * @param question names the tool and the server
 * @param why in one sentence
 * @param args as they may be shown
 */
export async function confirmCall(
  question: Line,
  why: Line,
  args: Readonly<Record<string, unknown>>,
  ...more: readonly Line[]
): Promise<Confirmation> {
  const called = line`It is called with ${excerpt(args, MOST_ARGUMENTS)}.`;
  const detail = paragraphs(joined(' ', why, called), ...more);
  // The first button is what Enter presses: a key that was meant for the last question calls nothing.
  const [look, call] = [line`Show Arguments`, line`Call`];
  const chosen = await window.showWarningMessage(question, { modal: true, detail }, look, call);
  return chosen === call ? 'call' : chosen === look ? 'look' : 'no';
}
