import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { CallRecord } from '../callRecord.ts';
import type { ReadonlyDocuments } from '../readonlyDocuments.ts';
import { PAGE_COMMANDS, resultHtml } from './resultHtml.ts';
import { partText, resultJson, resultText } from './resultText.ts';

/** The panel beside the editor that shows how the last call ended. There is one, and it is used again. */
export class ResultView implements vscode.Disposable {
  readonly #documents: ReadonlyDocuments;
  #panel: vscode.WebviewPanel | undefined;
  #shown: CallRecord | undefined;

  constructor(documents: ReadonlyDocuments) {
    this.#documents = documents;
  }

  /** The call that is shown. */
  get shown(): CallRecord | undefined {
    return this.#shown;
  }

  /** Leaves the focus where it is: whoever repeats a call goes on writing. */
  show(record: CallRecord): void {
    this.#shown = record;
    if (this.#panel === undefined) {
      this.#panel = this.#open();
    } else {
      this.#panel.reveal(undefined, true);
    }
    this.#render(record);
  }

  /** Shows the end of a drain, unless another call is shown by now. */
  update(before: CallRecord, after: CallRecord): void {
    if (this.#shown !== before) return;
    this.#shown = after;
    this.#render(after);
  }

  async copy(): Promise<void> {
    if (this.#shown === undefined) return;
    await vscode.env.clipboard.writeText(resultText(this.#shown));
    vscode.window.setStatusBarMessage('Sluice: result copied', 2000);
  }

  async openAsJson(): Promise<void> {
    const { server, tool, end } = this.#shown ?? {};
    if (end?.kind !== 'result') return;
    await this.#documents.show(
      `/${server}/${encodeURIComponent(tool ?? '')} result.json`,
      resultJson(end.result),
    );
  }

  /** Opens one content block, or the structured content, in full. */
  async openPart(part: number | 'structured'): Promise<void> {
    const { server, tool, end } = this.#shown ?? {};
    if (end?.kind !== 'result') return;
    const { text, extension } = partText(end.result, part);
    const name = typeof part === 'number' ? `part ${part + 1}` : 'structured content';
    await this.#documents.show(`/${server}/${encodeURIComponent(tool ?? '')} ${name}.${extension}`, text);
  }

  dispose(): void {
    this.#panel?.dispose();
  }

  #open(): vscode.WebviewPanel {
    const viewColumn =
      vscode.window.tabGroups.activeTabGroup.activeTab === undefined
        ? vscode.ViewColumn.Active
        : vscode.ViewColumn.Beside;
    const panel = vscode.window.createWebviewPanel(
      'sluice.result',
      'Result',
      { viewColumn, preserveFocus: true },
      {
        enableScripts: false,
        enableCommandUris: PAGE_COMMANDS,
        enableFindWidget: true,
        localResourceRoots: [],
      },
    );
    panel.onDidDispose(() => {
      this.#panel = undefined;
      this.#shown = undefined;
    });
    return panel;
  }

  #render(record: CallRecord): void {
    if (this.#panel === undefined) return;
    this.#panel.title = `${record.tool} – ${record.server}`;
    this.#panel.webview.html = resultHtml(record, randomBytes(16).toString('base64'));
  }
}
