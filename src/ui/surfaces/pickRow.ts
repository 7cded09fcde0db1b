import * as vscode from 'vscode';
import { untilShown } from './untilShown.ts';
import { type PickerOptions, type Row, window } from './window.ts';

/** Milliseconds in which nobody sees a list and leaves it; a page gets the focus some ten after a list did. */
const GLANCE_MS = 300;

/**
 * To be called when a list was just opened. When the palette closes in front of a page, VS Code gives the focus back to the page, and
 * that some time later: a list that was opened meanwhile loses the focus, and closes.
 * @returns whether the list, if it closes now, was closed by that and not by the user
 */
export function closedByPage(): () => boolean {
  let shownAt = Number.POSITIVE_INFINITY;
  void untilShown().then(() => {
    shownAt = performance.now();
  });
  return () => performance.now() - shownAt < GLANCE_MS && isPageInView();
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
  const picking = window.showQuickPick(rows, options);
  const isClosedByPage = closedByPage();
  const picked = await picking;
  return picked === undefined && isClosedByPage() ? window.showQuickPick(rows, options) : picked;
}
