import * as vscode from 'vscode';
import { assertNever } from '../../core/errors.ts';
import type { Tool } from '../../core/mcp/mcpTypes.ts';
import type { SchemaOutcome } from '../../core/mcp/schemaJudge.ts';
import type { SchemaViolation } from '../../core/mcp/schemaWords.ts';
import { ArgumentsFiles } from '../arguments/argumentsFiles.ts';
import { type ArgumentsReading, readArguments, writeArguments } from '../arguments/argumentsText.ts';
import {
  ARGUMENTS_SCHEME,
  argumentsPath,
  readArgumentsPath,
  schemaReference,
} from '../arguments/argumentsUri.ts';
import { OwnTexts } from '../arguments/ownTexts.ts';
import { skeleton } from '../arguments/skeleton.ts';
import type { CallHistory } from '../history/callHistory.ts';
import type { ToolCall } from '../history/shownCall.ts';
import { joined, type Line, line, lineOf } from '../surfaces/line.ts';
import { codeLens, diagnostic, window } from '../surfaces/window.ts';
import { loadCore } from '../text/core.ts';
import type { ShownName } from '../text/serverName.ts';

type Arguments = Readonly<Record<string, unknown>>;
/** A reading that holds a call. */
type Readable = ArgumentsReading & { readonly kind: 'arguments' };

/** A line for what is not wrong stays this long in the status bar. */
const QUIET_MS = 10_000;

/** Arguments as a JSON document: opening one, and reading the call out of it. */
export class ArgumentsEditor implements vscode.Disposable {
  readonly #toolOf: (server: string, tool: string) => Promise<Tool>;
  readonly #files: ArgumentsFiles;
  /** What the checker found when a document was called last; VS Code's own JSON support shows what it sees while one types. */
  readonly #found = vscode.languages.createDiagnosticCollection('sluice-arguments');
  readonly #own = new OwnTexts();
  readonly #registrations: vscode.Disposable[];

  constructor(
    toolOf: (server: string, tool: string) => Promise<Tool>,
    history: CallHistory,
    shownName: ShownName,
  ) {
    this.#toolOf = toolOf;
    this.#files = new ArgumentsFiles({
      tool: toolOf,
      start: async (server, tool) => {
        const remembered = history.remembered(server, tool)?.arguments;
        const args = remembered ?? skeleton((await toolOf(server, tool)).inputSchema);
        this.#own.wrote(documentUri(server, tool).toString(), writeArguments(args, schemaReference(tool)));
        return args;
      },
    });
    this.#registrations = [
      this.#found,
      vscode.languages.registerCodeLensProvider(
        { scheme: ARGUMENTS_SCHEME },
        { provideCodeLenses: (document) => codeLensesOf(document, shownName) },
      ),
      ...this.#listen(),
    ];
  }

  /** What the documents are read from and written to. */
  get files(): ArgumentsFiles {
    return this.#files;
  }

  /**
   * @param args replace what a document of this tool holds; without them it opens as it was left
   * @param at the member to write on with
   */
  async open(server: string, tool: string, args?: Arguments, at?: string): Promise<void> {
    const uri = documentUri(server, tool);
    if (args !== undefined) await this.#write(uri, writeArguments(args, schemaReference(tool)));
    const document = await vscode.workspace.openTextDocument(uri);
    const reading = at === undefined ? undefined : readArguments(document.getText(), schemaReference(tool));
    if (at === undefined || reading?.kind !== 'arguments') {
      await vscode.window.showTextDocument(document, { preview: false });
      return;
    }
    await reveal(document, reading.locate(`/${at.replaceAll('~', '~0').replaceAll('/', '~1')}`));
  }

  /**
   * The call that a document says, and whether the user has seen that come about. Undefined where it says none, or the user wants
   * to mend it first.
   */
  async read(uri: vscode.Uri): Promise<{ readonly call: ToolCall; readonly isOwn: boolean } | undefined> {
    const path = readArgumentsPath(uri.path);
    if (uri.scheme !== ARGUMENTS_SCHEME || path?.kind !== 'arguments') return undefined;
    const { server, tool } = path;
    const document = await vscode.workspace.openTextDocument(uri);
    await document.save();
    const text = document.getText();
    const reading = readArguments(text, schemaReference(tool));
    if (reading.kind === 'broken') {
      const { line: row, character } = document.positionAt(reading.offset);
      await reveal(document, reading);
      void window.showErrorMessage(
        line`Line ${row + 1}, column ${character + 1} is not valid JSON: ${reading.message}.`,
      );
      return undefined;
    }
    const [{ checkSchema }, { inputSchema }] = await Promise.all([loadCore(), this.#toolOf(server, tool)]);
    const outcome = await checkSchema(inputSchema, reading.arguments);
    this.#found.set(uri, diagnosticsOf(outcome, document, reading));
    const isToCall = await this.#mayCall(outcome, tool, document, reading);
    if (!isToCall) return undefined;
    const isOwn = this.#own.isOwn(uri.toString(), text);
    return { call: { server, tool, arguments: reading.arguments }, isOwn };
  }

  /** The user has said yes to what the document holds. */
  trust(uri: vscode.Uri): void {
    const open = openDocument(uri);
    if (open === undefined) return;
    this.#own.wrote(uri.toString(), open.getText());
    this.#own.edited(uri.toString(), open.getText());
  }

  dispose(): void {
    for (const registration of this.#registrations) registration.dispose();
  }

  /** An open document is changed where it is, so that nothing that was typed is lost but by an edit that can be undone. */
  async #write(uri: vscode.Uri, text: string): Promise<void> {
    const open = openDocument(uri);
    if (open === undefined) {
      this.#own.wrote(uri.toString(), text);
      this.#files.writeFile(uri, new TextEncoder().encode(text));
      return;
    }
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(0, 0, open.lineCount, 0), text);
    await vscode.workspace.applyEdit(edit);
    if (open.getText() === text) this.#own.edited(uri.toString(), text);
  }

  #listen(): vscode.Disposable[] {
    const ofArguments =
      (told: (uri: string, document: vscode.TextDocument) => void) =>
      (document: vscode.TextDocument): void => {
        if (document.uri.scheme === ARGUMENTS_SCHEME) told(document.uri.toString(), document);
      };
    const opened = ofArguments((uri, document) => this.#own.opened(uri, document.getText()));
    const changed = ofArguments((uri, document) => {
      const isVisible = vscode.window.visibleTextEditors.some((editor) => editor.document === document);
      const text = document.getText();
      // VS Code says that a document is dirty a moment after it says that it changed.
      const isDirty = text !== this.#files.textOf(document.uri);
      this.#own.changed(uri, text, { isDirty, isVisible });
    });
    const saved = ofArguments((uri, document) => this.#own.saved(uri, document.getText()));
    const { onDidOpenTextDocument, onDidChangeTextDocument, onDidSaveTextDocument, onDidCloseTextDocument } =
      vscode.workspace;
    return [
      onDidOpenTextDocument(opened),
      onDidChangeTextDocument(({ document, contentChanges }) => {
        this.#found.delete(document.uri);
        if (contentChanges.length > 0) changed(document);
      }),
      onDidSaveTextDocument(saved),
      onDidCloseTextDocument(({ uri }) => {
        this.#found.delete(uri);
        this.#own.closed(uri.toString());
      }),
    ];
  }

  /** Asks where the arguments are wrong. What could not be checked, or only looks odd, stops no call. */
  async #mayCall(
    outcome: SchemaOutcome,
    tool: string,
    document: vscode.TextDocument,
    reading: Readable,
  ): Promise<boolean> {
    switch (outcome.kind) {
      case 'fits':
        return true;
      case 'unchecked':
        window.setStatusBarMessage(line`Arguments of ${tool} not checked: ${outcome.reason}`, QUIET_MS);
        return true;
      case 'violations': {
        const { violations } = outcome;
        const told = violations.slice(0, 3).map(violationLine);
        const more =
          violations.length > told.length ? line`And ${violations.length - told.length} more.` : undefined;
        const [callAnyway, showProblem] = [line`Call Anyway`, line`Show Problem`];
        const choice = await window.showWarningMessage(
          joined(' ', line`The arguments do not fit the input schema of ${tool}.`, ...told, more),
          callAnyway,
          showProblem,
        );
        if (choice === showProblem) await reveal(document, reading.locate(violations[0]?.path ?? ''));
        return choice === callAnyway;
      }
      default:
        return assertNever(outcome);
    }
  }
}

function documentUri(server: string, tool: string): vscode.Uri {
  return vscode.Uri.from({ scheme: ARGUMENTS_SCHEME, path: argumentsPath(server, tool) });
}

function openDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
}

function violationLine({ path, message }: SchemaViolation): Line {
  return line`${path === '' ? 'arguments' : lineOf(path, 100)}: ${message}.`;
}

function diagnosticsOf(
  outcome: SchemaOutcome,
  document: vscode.TextDocument,
  reading: Readable,
): vscode.Diagnostic[] {
  const at = (path: string): vscode.Range => rangeOf(document, reading.locate(path));
  const of = (all: readonly SchemaViolation[], severity: vscode.DiagnosticSeverity) =>
    all.map(({ path, message }) => diagnostic(at(path), lineOf(message), severity));
  switch (outcome.kind) {
    case 'fits':
      return of(outcome.notes ?? [], vscode.DiagnosticSeverity.Information);
    case 'violations':
      return [
        ...of(outcome.violations, vscode.DiagnosticSeverity.Warning),
        ...of(outcome.notes ?? [], vscode.DiagnosticSeverity.Information),
      ];
    case 'unchecked': {
      const start = new vscode.Range(0, 0, 0, 1);
      return [
        diagnostic(start, line`Not checked: ${outcome.reason}.`, vscode.DiagnosticSeverity.Information),
      ];
    }
    default:
      return assertNever(outcome);
  }
}

function codeLensesOf({ uri }: vscode.TextDocument, shownName: ShownName): vscode.CodeLens[] {
  const path = readArgumentsPath(uri.path);
  if (path?.kind !== 'arguments') return [];
  const title = line`$(play) Call ${path.tool} on ${shownName(path.server)}`;
  const command = { title, command: 'sluice.callFromDocument', arguments: [uri] };
  return [codeLens(new vscode.Range(0, 0, 0, 0), command)];
}

interface Place {
  readonly offset: number;
  readonly length: number;
}

function rangeOf(document: vscode.TextDocument, { offset, length }: Place): vscode.Range {
  return new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
}

async function reveal(document: vscode.TextDocument, place: Place): Promise<void> {
  await vscode.window.showTextDocument(document, { selection: rangeOf(document, place), preview: false });
}
