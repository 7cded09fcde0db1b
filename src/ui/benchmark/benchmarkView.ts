import * as vscode from 'vscode';
import { Page } from '../pages/page.ts';
import type { ReadonlyDocuments } from '../pages/readonlyDocuments.ts';
import { line } from '../surfaces/line.ts';
import { window } from '../surfaces/window.ts';
import { BENCHMARK_COMMANDS, benchmarkHtml, comparisonHtml } from './benchmarkHtml.ts';
import { benchmarkMarkdown, comparisonMarkdown } from './benchmarkMarkdown.ts';
import type { ShownComparison, ShownReport } from './shownReport.ts';

/** What the panel shows. */
export type Shown =
  | { readonly kind: 'run'; readonly report: ShownReport }
  | { readonly kind: 'comparison'; readonly comparison: ShownComparison };

/** The page of a run, or of two of them. */
export class BenchmarkView implements vscode.Disposable {
  readonly #documents: ReadonlyDocuments;
  readonly #version: string;
  readonly #page = new Page<Shown>({
    viewType: 'sluice.benchmarkReport',
    commands: BENCHMARK_COMMANDS,
    viewColumn: () => vscode.ViewColumn.Active,
    title: (shown) =>
      shown.kind === 'run'
        ? line`Benchmark: ${shown.report.tool} – ${shown.report.shownServer}`
        : line`Benchmark: two runs`,
    html: (shown, nonce) =>
      shown.kind === 'run'
        ? benchmarkHtml(shown.report, this.#version, nonce)
        : comparisonHtml(shown.comparison, this.#version, nonce),
  });

  /** @param version of Sluice, for the report */
  constructor(documents: ReadonlyDocuments, version: string) {
    this.#documents = documents;
    this.#version = version;
  }

  get shown(): Shown | undefined {
    return this.#page.shown;
  }

  show(shown: Shown): void {
    this.#page.show(shown);
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
    this.#page.dispose();
  }

  #markdown(): string | undefined {
    const { shown } = this;
    if (shown === undefined) return undefined;
    return shown.kind === 'run'
      ? `${benchmarkMarkdown(shown.report, this.#version).source}\n`
      : `${comparisonMarkdown(shown.comparison, this.#version).source}\n`;
  }
}
