import * as vscode from 'vscode';
import { type PickerOptions, type Row, window } from './window.ts';

/** Milliseconds in which nobody reads a list and leaves it. */
const GLANCE_MS = 300;

/**
 * Whether a list that closes now was closed by VS Code and not by the user. When the palette closes in front of a page, VS Code gives
 * the focus back to the page, and that some time later: a list that was opened meanwhile loses the focus, and closes.
 * @param openedAt when it was opened, by `performance.now()`
 */
export function lostToPage(openedAt: number): boolean {
  // Which group is active VS Code says later than it gives the focus.
  const isPageInView = vscode.window.tabGroups.all.some(
    ({ activeTab }) => activeTab?.input instanceof vscode.TabInputWebview,
  );
  return isPageInView && performance.now() - openedAt < GLANCE_MS;
}

/** Lets the user pick a row. Undefined where they left the list. */
export async function pickRow<R extends Row>(
  rows: readonly R[],
  options: PickerOptions,
): Promise<R | undefined> {
  const openedAt = performance.now();
  const picked = await window.showQuickPick(rows, options);
  return picked === undefined && lostToPage(openedAt) ? window.showQuickPick(rows, options) : picked;
}
