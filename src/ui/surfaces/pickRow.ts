import * as vscode from 'vscode';
import { OpenList } from './openList.ts';
import { type PickerOptions, type Row, window } from './window.ts';

/** Lets the user pick a row. Undefined where they left the list. */
export async function pickRow<R extends Row>(
  rows: readonly R[],
  options: PickerOptions,
): Promise<R | undefined> {
  const leaving = new vscode.CancellationTokenSource();
  const list = new OpenList(() => leaving.cancel());
  try {
    for (;;) {
      const picked = await window.showQuickPick(rows, options, leaving.token);
      if (picked !== undefined || !list.isClosedByPage()) return picked;
    }
  } finally {
    list.dispose();
    leaving.dispose();
  }
}
