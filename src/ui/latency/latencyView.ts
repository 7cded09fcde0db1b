import * as vscode from 'vscode';
import type { ReadonlyDocuments } from '../pages/readonlyDocuments.ts';
import type { Servers } from '../servers/servers.ts';
import { snapshotsOf } from '../servers/serverView.ts';
import { Throttle } from '../text/throttle.ts';
import { latencyReport } from './latencyMarkdown.ts';
import { thisMachine } from './machine.ts';

const PATH = '/Latency.md';
const UPDATE_EVERY_MS = 1000;

/** The figures of the status bar as a page: it follows the calls while it is open. */
export class LatencyView implements vscode.Disposable {
  readonly #servers: Servers;
  readonly #documents: ReadonlyDocuments;
  readonly #updates = new Throttle(() => this.#put(), UPDATE_EVERY_MS);
  readonly #subscription: vscode.Disposable;

  constructor(servers: Servers, documents: ReadonlyDocuments) {
    this.#servers = servers;
    this.#documents = documents;
    this.#subscription = servers.onDidChange(() => {
      if (documents.has(PATH)) this.#updates.ask();
    });
  }

  async show(): Promise<void> {
    await vscode.commands.executeCommand('markdown.showPreview', this.#put());
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#updates.dispose();
  }

  #put(): vscode.Uri {
    return this.#documents.page(PATH, latencyReport(snapshotsOf(this.#servers.usedViews), thisMachine()));
  }
}
