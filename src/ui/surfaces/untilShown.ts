import * as vscode from 'vscode';

/**
 * Resolves when VS Code's window has taken all that it was told until now. It is told and answers in order: what the user does there
 * and we hear of later, they did with that before them. Never rejects.
 */
export async function untilShown(): Promise<void> {
  // The rows of a list go to the window in the next turn of the event loop, in a timer that was set before this one.
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  // The least that the window itself answers: a value for a key that nobody reads.
  await vscode.commands.executeCommand('setContext', 'sluice.shown', true).then(undefined, () => undefined);
}
