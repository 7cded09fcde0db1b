import * as vscode from 'vscode';
import { formatProblem } from '../../core/config/configProblem.ts';
import { openSettingsFiles, readSettingsFile, type SettingsFile, scopeOf } from '../settings/settingsFile.ts';
import type { SettingsProblem } from '../settings/settingsProblem.ts';
import { joined, line, lineOf } from '../surfaces/line.ts';
import { diagnostic, window } from '../surfaces/window.ts';
import type { Settings, SettingsSnapshot } from './settings.ts';

const OPEN_COMMAND = {
  user: 'workbench.action.openSettingsJson',
  remote: 'workbench.action.openRemoteSettingsFile',
} as const;

/**
 * Shows the problems of settings where the user looks: underlined at the key, in the file that has it.
 *
 * A workspace's files are underlined whether they are open or not. An extension is not told where the user's and the
 * remote machine's settings are, so these are underlined while they are open, and errors in them are else told
 * in a notification with a way there, once.
 */
export class SettingsProblems implements vscode.Disposable {
  readonly #settings: Settings;
  readonly #diagnostics = vscode.languages.createDiagnosticCollection('sluice');
  readonly #subscriptions: vscode.Disposable;
  readonly #first: NodeJS.Immediate;
  /** Problems that a notification told of, for as long as they last. */
  #told: ReadonlySet<string> = new Set();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#subscriptions = vscode.Disposable.from(
      this.#diagnostics,
      settings.onDidChange((snapshot) => this.#show(snapshot)),
      vscode.workspace.onDidOpenTextDocument(({ uri }) => {
        if (scopeOf(uri) !== undefined) void this.#show(settings.current);
      }),
    );
    // Nobody looks at settings.json while the window opens: activation does not wait for the reading of it.
    this.#first = setImmediate(() => void this.#show(settings.current));
  }

  dispose(): void {
    clearImmediate(this.#first);
    this.#subscriptions.dispose();
  }

  async #show(snapshot: SettingsSnapshot): Promise<void> {
    const placed: [vscode.Uri, vscode.Diagnostic[]][] = [];
    const unplaced: SettingsProblem[] = [];
    for (const problem of snapshot.problems) {
      const place = await findPlace(problem);
      if (place === undefined) unplaced.push(problem);
      else placed.push([place.uri, [diagnosticOf(problem, place.range)]]);
    }
    // Settings changed while files were read: the newer snapshot is shown, or on its way.
    if (snapshot !== this.#settings.current) return;
    this.#diagnostics.clear();
    this.#diagnostics.set(placed);
    this.#tell(unplaced.filter(({ severity }) => severity === 'error'));
  }

  #tell(errors: readonly SettingsProblem[]): void {
    const [first, ...others] = errors.filter((problem) => !this.#told.has(formatProblem(problem)));
    this.#told = new Set(errors.map(formatProblem));
    if (first !== undefined) void offerSettings(first, others.length);
  }
}

/** The key's place in a file that an editor can show; undefined where there is none. */
async function findPlace({ origin, path }: SettingsProblem): Promise<vscode.Location | undefined> {
  // Loaded at the first problem: most users never need the parser.
  const { placeOf } = await import('../settings/settingsPlace.ts');
  const rangeIn = (file: SettingsFile, root: readonly string[]) => {
    const span = placeOf(file.text, root, path);
    return span && new vscode.Range(file.positionAt(span.start), file.positionAt(span.end));
  };
  if ('file' in origin) {
    const file = await readSettingsFile(origin.file);
    return new vscode.Location(file.uri, rangeIn(file, origin.root) ?? new vscode.Range(0, 0, 0, 0));
  }
  for (const file of openSettingsFiles(origin.scope)) {
    const range = rangeIn(file, []);
    if (range !== undefined) return new vscode.Location(file.uri, range);
  }
  return undefined;
}

/** A message of a problem is longer than a name: it has what was found, and what to do. */
const MOST_MESSAGE = 1_000;

function diagnosticOf(problem: SettingsProblem, range: vscode.Range): vscode.Diagnostic {
  const severity =
    problem.severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
  return diagnostic(range, lineOf(formatProblem(problem), MOST_MESSAGE), severity);
}

async function offerSettings(problem: SettingsProblem, others: number): Promise<void> {
  const open = line`Open Settings`;
  const message = joined(
    ' ',
    lineOf(formatProblem(problem), MOST_MESSAGE),
    others === 0 ? undefined : line`(and ${others} more)`,
  );
  const chosen = await window.showWarningMessage(message, open);
  if (chosen !== open) return;
  const scope = 'file' in problem.origin ? 'user' : problem.origin.scope;
  await vscode.commands.executeCommand(OPEN_COMMAND[scope]);
}
