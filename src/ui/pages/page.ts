import { randomBytes } from 'node:crypto';
import type * as vscode from 'vscode';
import type { Line } from '../surfaces/line.ts';
import { type Panel, window } from '../surfaces/window.ts';

export interface PageOptions<T> {
  /** VS Code's name for panels of this kind. */
  readonly viewType: string;
  /** Commands that its links may run, and no other. */
  readonly commands: readonly string[];
  /** Where it opens. */
  readonly viewColumn: () => vscode.ViewColumn;
  readonly title: (shown: T) => Line;
  /** @param nonce as `pageHtml` takes it */
  readonly html: (shown: T, nonce: string) => string;
}

/**
 * A panel with a page. There is one of each kind, and it is used again. A page has no script, and so no state and no messages: VS Code
 * draws it again from its markup when it comes back into view. When the window is reloaded it is gone: what it shows may hold secrets, and
 * is written to no file.
 */
export class Page<T> implements vscode.Disposable {
  readonly #options: PageOptions<T>;
  #panel: Panel | undefined;
  #shown: T | undefined;

  constructor(options: PageOptions<T>) {
    this.#options = options;
  }

  /** Undefined while it is closed. */
  get shown(): T | undefined {
    return this.#shown;
  }

  /** Opens the page, or brings it into view. Leaves the focus where it is: a user who repeats a call goes on writing. */
  show(shown: T): void {
    if (this.#panel === undefined) this.#panel = this.#open(shown);
    else this.#panel.reveal(undefined, true);
    this.#render(this.#panel, shown);
  }

  /** Draws what has changed in what is shown, unless something else is shown by now. */
  update(before: T, after: T): void {
    if (this.#panel !== undefined && this.#shown === before) this.#render(this.#panel, after);
  }

  dispose(): void {
    this.#panel?.dispose();
  }

  #open(shown: T): Panel {
    const { viewType, commands, viewColumn, title } = this.#options;
    const panel = window.createWebviewPanel(
      viewType,
      title(shown),
      { viewColumn: viewColumn(), preserveFocus: true },
      {
        enableScripts: false,
        enableCommandUris: commands,
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

  #render(panel: Panel, shown: T): void {
    this.#shown = shown;
    panel.title = this.#options.title(shown);
    panel.webview.html = this.#options.html(shown, randomBytes(16).toString('base64'));
  }
}
