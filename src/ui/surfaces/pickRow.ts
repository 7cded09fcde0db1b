import * as vscode from 'vscode';
import { untilShown } from './untilShown.ts';
import { type PickerOptions, type Row, window } from './window.ts';

/** Milliseconds in which nobody sees a list and leaves it; a page gets the focus some ten after a list did. */
const GLANCE_MS = 300;
/** Answers of the window in which nobody does, however busy it is: it takes in what the user does between them. */
const GLANCE_ANSWERS = 5;
/** How often a list opens again: the palette gives the focus back once, and a page that is just being drawn takes it too. */
const MOST = 3;

/**
 * To be called when a list is opened. When the palette closes in front of a page, VS Code gives the focus back to the page, and
 * that some time later: a list that was opened meanwhile loses the focus, and closes.
 * @returns to be called when the list has closed and nothing was picked: whether it was closed by that and not by the user, and is
 *   to be opened again at once
 */
export function closedByPage(): () => boolean {
  let left = MOST;
  let shown = watch();
  return () => {
    const isGlance = performance.now() - shown.at < GLANCE_MS || shown.answers < GLANCE_ANSWERS;
    if (left === 0 || !isGlance || !isPageInView()) return false;
    left--;
    shown = watch();
    return true;
  };
}

/** When the window has shown what is shown now, and how often it has answered since; counted no further than it matters. */
function watch(): { at: number; answers: number } {
  const shown = { at: Number.POSITIVE_INFINITY, answers: 0 };
  const count = async (): Promise<void> => {
    while (shown.answers < GLANCE_ANSWERS) {
      await untilShown();
      if (shown.answers++ === 0) shown.at = performance.now();
    }
  };
  void count();
  return shown;
}

/** In any group: which one is active VS Code says later than it gives the focus. */
function isPageInView(): boolean {
  return vscode.window.tabGroups.all.some(
    ({ activeTab }) => activeTab?.input instanceof vscode.TabInputWebview,
  );
}

/** Lets the user pick a row. Undefined where they left the list. */
export async function pickRow<R extends Row>(
  rows: readonly R[],
  options: PickerOptions,
): Promise<R | undefined> {
  const isClosedByPage = closedByPage();
  for (;;) {
    const picked = await window.showQuickPick(rows, options);
    if (picked !== undefined || !isClosedByPage()) return picked;
  }
}
