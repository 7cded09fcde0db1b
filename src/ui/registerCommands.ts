import * as vscode from 'vscode';
import { COMMAND_NAMES } from './commandNames.ts';
import type { Commands } from './commands.ts';

/** @param load what the commands do, which is loaded by the first that is run */
export function registerCommands(load: () => Promise<Commands>): vscode.Disposable {
  return vscode.Disposable.from(
    ...COMMAND_NAMES.map((name) =>
      vscode.commands.registerCommand(`sluice.${name}`, async (...args: readonly unknown[]) =>
        (await load()).run(name, args),
      ),
    ),
  );
}
