import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { ReadonlyDocuments } from '../pages/readonlyDocuments.ts';
import { line } from '../surfaces/line.ts';
import { type Panel, window } from '../surfaces/window.ts';
import { BENCHMARK_COMMANDS, benchmarkHtml, comparisonHtml } from './benchmarkHtml.ts';
import { benchmarkMarkdown, comparisonMarkdown } from './benchmarkMarkdown.ts';
import type { ShownComparison, ShownReport } from './shownReport.ts';

/** What the panel shows. */
export type Shown =
  | { readonly kind: 'run'; readonly report: ShownReport }
  | { readonly kind: 'comparison'; readonly comparison: ShownComparison };

/** The panel of a run, or of two of them. There is one, and it is used again. */
export class BenchmarkView implements vscode.Disposable {
  readonly #documents: ReadonlyDocuments;
  readonly #version: string;
  #panel: Panel | undefined;
  #shown: Shown | undefined;

  /** @param version of Sluice, for the report */
  constructor(documents: ReadonlyDocuments, version: string) {
    this.#documents = documents;
    this.#version = version;
  }

  get shown(): Shown | undefined {
    return this.#shown;
  }

  show(shown: Shown): void {
    this.#shown = shown;
    this.#panel ??= this.#open();
    this.#panel.reveal(undefined, true);
    const nonce = randomBytes(16).toString('base64');
    if (shown.kind === 'run') {
      this.#panel.title = line`Benchmark: ${shown.report.tool} – ${shown.report.shownServer}`;
      this.#panel.webview.html = benchmarkHtml(shown.report, this.#version, nonce);
    } else {
      this.#panel.title = line`Benchmark: two runs`;
      this.#panel.webview.html = comparisonHtml(shown.comparison, this.#version, nonce);
    }
  }

  async copy(): Promise<void> {
    const text = this.#markdown();
    if (text === undefined) return;
    await vscode.env.clipboard.writeText(text);
    window.setStatusBarMessage(line`Sluice: benchmark copied as Markdown`, 2000);
  }

  async openAsMarkdown(): Promise<void> {
    const text = this.#markdown();
    if (text !== undefined) await this.#documents.show('/Benchmark.md', text);
  }

  dispose(): void {
    this.#panel?.dispose();
  }

  #markdown(): string | undefined {
    const shown = this.#shown;
    if (shown === undefined) return undefined;
    return shown.kind === 'run'
      ? `${benchmarkMarkdown(shown.report, this.#version).source}\n`
      : `${comparisonMarkdown(shown.comparison, this.#version).source}\n`;
  }

  #open(): Panel {
    const panel = window.createWebviewPanel(
      'sluice.benchmarkReport',
      line`Benchmark`,
      { viewColumn: vscode.ViewColumn.Active, preserveFocus: true },
      {
        enableScripts: false,
        enableCommandUris: BENCHMARK_COMMANDS,
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
}
