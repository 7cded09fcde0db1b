import { excerpt } from '../core/jsonrpc/excerpt.ts';
import { type Line, line, lineOf, paragraphs } from './surfaces/line.ts';
import { window } from './surfaces/window.ts';

const MOST_ARGUMENTS = 500;

/**
 * Asks before many calls of a tool that may change something, as a benchmark and a diagnosis make them.
 * @param question names the tool, the server and how often
 * @param why in one sentence
 */
export async function confirmCall(
  question: Line,
  why: Line,
  args: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const call = line`Call`;
  const detail = paragraphs(why, lineOf(`Arguments: ${excerpt(args, MOST_ARGUMENTS)}`, 2 * MOST_ARGUMENTS));
  return (await window.showWarningMessage(question, { modal: true, detail }, call)) === call;
}
