import * as vscode from 'vscode';
import type { Commands } from './commands.ts';

/** Every command, without `sluice.`. package.json contributes the same ones: a test compares the two. */
export const COMMAND_NAMES = [
  'callTool',
  'repeatLastCall',
  'clearCallHistory',
  'cancelCalls',
  'leaveQuestion',
  'callFromDocument',
  'connect',
  'reconnect',
  'disconnect',
  'addServer',
  'startDemoServer',
  'stopDemoServer',
  'showTrace',
  'showLatency',
  'openSettings',
  'forgetInputs',
  'forgetConsents',
  'revokeAccess',
  'copyResult',
  'openResultAsJson',
  'openResultPart',
  'saveResultPart',
  'benchmarkTool',
  'repeatBenchmark',
  'compareBenchmarks',
  'copyBenchmark',
  'openBenchmarkAsMarkdown',
  'diagnoseServer',
  'repeatShownCall',
] as const;

export type CommandName = (typeof COMMAND_NAMES)[number];

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
