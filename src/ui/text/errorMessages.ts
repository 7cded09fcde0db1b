import * as vscode from 'vscode';
import { type Line, line, lineOf } from '../surfaces/line.ts';
import { window } from '../surfaces/window.ts';
import { describeError, type ErrorAction, sentences } from './errorText.ts';
import type { ShownName } from './serverName.ts';

/** The button of each action, and the command it runs with the server's name. */
export const ACTION_BUTTONS: Readonly<
  Record<ErrorAction, { readonly title: Line; readonly command: string }>
> = {
  trace: { title: line`Show Trace`, command: 'sluice.showTrace' },
  reconnect: { title: line`Reconnect`, command: 'sluice.reconnect' },
  settings: { title: line`Open Settings`, command: 'sluice.openSettings' },
  inputs: { title: line`Forget Stored Inputs`, command: 'sluice.forgetInputs' },
  // Connecting asks for it.
  consent: { title: line`Look and Allow…`, command: 'sluice.connect' },
};

/** Tells of a failed command, and offers what can be done about it. What the user cancelled is no failure. */
export async function showError(thrown: unknown, shownName: ShownName): Promise<void> {
  const error = describeError(thrown);
  if (error.code === 'cancelled') return;
  const buttons = error.actions.map((action) => ({ ...ACTION_BUTTONS[action] }));
  const chosen = await window.showErrorMessage(
    lineOf(sentences(error, error.server && shownName(error.server)), 500),
    ...buttons,
  );
  if (chosen !== undefined) await vscode.commands.executeCommand(chosen.command, error.server);
}
