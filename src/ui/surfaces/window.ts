import * as vscode from 'vscode';
import type { Line, Lines } from './line.ts';
import type { LogLines } from './logText.ts';
import type { Markdown } from './markdown.ts';

/** `T`, with each of these texts as a `Line`. */
type Shown<T, Texts extends keyof T> = Omit<T, Texts> & {
  [Text in Texts]: Line | Exclude<T[Text], string | vscode.MarkdownString>;
};

/** A row of a list. */
export type Row = Shown<vscode.QuickPickItem, 'label'> & {
  readonly description?: Line;
  readonly detail?: Line;
  readonly buttons?: readonly RowButton[];
};
export type RowButton = vscode.QuickInputButton & { readonly tooltip?: Line };
export type Picker<R extends Row> = Shown<vscode.QuickPick<R>, 'title' | 'placeholder'>;
export type Box = Omit<Shown<vscode.InputBox, 'title' | 'placeholder' | 'prompt'>, 'validationMessage'> & {
  validationMessage: Line | Shown<vscode.InputBoxValidationMessage, 'message'> | undefined;
};
export type PickerOptions = Omit<
  vscode.QuickPickOptions,
  'title' | 'placeHolder' | 'onDidSelectItem' | 'canPickMany'
> & {
  readonly title?: Line;
  readonly placeHolder?: Line;
};
export type BoxOptions = Omit<
  vscode.InputBoxOptions,
  'title' | 'placeHolder' | 'prompt' | 'validateInput'
> & {
  readonly title?: Line;
  readonly placeHolder?: Line;
  readonly prompt?: Line;
  validateInput?(value: string): Line | Shown<vscode.InputBoxValidationMessage, 'message'> | undefined;
};
export type MessageOptions = Omit<vscode.MessageOptions, 'detail'> & { readonly detail?: Line | Lines };
export type Button = Shown<vscode.MessageItem, 'title'>;
export type ProgressOptions = Omit<vscode.ProgressOptions, 'title'> & { readonly title?: Line };
export type ProgressBar = vscode.Progress<{ readonly message?: Line; readonly increment?: number }>;
export type StatusBarItem = Omit<
  Shown<vscode.StatusBarItem, 'text' | 'name'>,
  'tooltip' | 'accessibilityInformation'
> & {
  tooltip: vscode.MarkdownString | undefined;
  accessibilityInformation: { readonly label: Line; readonly role?: string } | undefined;
};
/** A log: what it is told has been laid out in lines. */
export type LogChannel = Pick<vscode.LogOutputChannel, 'logLevel' | 'show' | 'dispose'> & {
  [Level in 'trace' | 'debug' | 'info' | 'warn' | 'error']: (text: LogLines | Line) => void;
};
export type Panel = Omit<vscode.WebviewPanel, 'title'> & { title: Line };

/** What a message can be: a text alone, or with buttons; modal ones have a detail. */
interface Message {
  <B extends Line | Button>(message: Line, ...buttons: readonly B[]): Thenable<B | undefined>;
  <B extends Line | Button>(
    message: Line,
    options: MessageOptions,
    ...buttons: readonly B[]
  ): Thenable<B | undefined>;
}

interface Surfaces {
  readonly showInformationMessage: Message;
  readonly showWarningMessage: Message;
  readonly showErrorMessage: Message;
  showQuickPick<R extends Row>(
    rows: readonly R[],
    options: PickerOptions,
    token?: vscode.CancellationToken,
  ): Thenable<R | undefined>;
  showInputBox(options?: BoxOptions, token?: vscode.CancellationToken): Thenable<string | undefined>;
  createQuickPick<R extends Row>(): Picker<R>;
  createInputBox(): Box;
  withProgress<T>(
    options: ProgressOptions,
    task: (progress: ProgressBar, token: vscode.CancellationToken) => Thenable<T>,
  ): Thenable<T>;
  createOutputChannel(name: Line, options: { readonly log: true }): LogChannel;
  createStatusBarItem(id: string, alignment?: vscode.StatusBarAlignment, priority?: number): StatusBarItem;
  setStatusBarMessage(text: Line, hideAfterMs: number): vscode.Disposable;
  createWebviewPanel(
    viewType: string,
    title: Line,
    show: Parameters<typeof vscode.window.createWebviewPanel>[2],
    options?: Parameters<typeof vscode.window.createWebviewPanel>[3],
  ): Panel;
}

/**
 * `vscode.window`, which shows a text only after it passed the function for its kind of place. Nothing else of ui/ may use these
 * members of `vscode.window` (test/unit/architecture.test.ts).
 */
export const window = vscode.window as unknown as Surfaces;

/** @param commands those that its links may run */
export function tooltip(text: Markdown, commands: readonly string[] = []): vscode.MarkdownString {
  const shown = new vscode.MarkdownString(text.source, true);
  shown.isTrusted = { enabledCommands: [...commands] };
  return shown;
}

export function codeLens(
  range: vscode.Range,
  command: Shown<vscode.Command, 'title'> & { readonly tooltip?: Line },
): vscode.CodeLens {
  return new vscode.CodeLens(range, command);
}

export function diagnostic(
  range: vscode.Range,
  message: Line,
  severity: vscode.DiagnosticSeverity,
): vscode.Diagnostic {
  const shown = new vscode.Diagnostic(range, message, severity);
  shown.source = 'Sluice';
  return shown;
}
