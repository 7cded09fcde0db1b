import * as vscode from 'vscode';
import type { Markdown } from '../surfaces/markdown.ts';

const SCHEME = 'sluice-result';

/** Pages that are kept; each is a few kilobytes. */
const MAX_PAGES = 20;

/**
 * Text that cannot be changed and asks nobody to save it. In an editor it is kept for as long as that is open. As a
 * page it is kept in any case: a preview reads it again when it comes back into view, long after VS Code has closed
 * the document behind it.
 */
export class ReadonlyDocuments implements vscode.Disposable {
  readonly #texts = new Map<string, string>();
  /** Paths of those among them that are pages, the latest last. */
  readonly #pages = new Set<string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registrations: vscode.Disposable[];

  constructor() {
    this.#registrations = [
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
        onDidChange: this.#changed.event,
        provideTextDocumentContent: ({ path }) => this.#texts.get(path) ?? '',
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === SCHEME && !this.#pages.has(uri.path)) this.#texts.delete(uri.path);
      }),
    ];
  }

  has(path: string): boolean {
    return this.#texts.has(path);
  }

  /** A page for a preview. @param path with the name that the tab shows; its extension says the language */
  page(path: string, text: Markdown): vscode.Uri {
    this.#pages.delete(path);
    this.#pages.add(path);
    const [oldest = path] = this.#pages;
    if (this.#pages.size > MAX_PAGES) {
      this.#pages.delete(oldest);
      this.#texts.delete(oldest);
    }
    return this.#put(path, text.source);
  }

  /** In an editor. @param path as of a page */
  async show(path: string, text: string, { preserveFocus = false } = {}): Promise<void> {
    await vscode.window.showTextDocument(this.#put(path, text), { preview: true, preserveFocus });
  }

  dispose(): void {
    for (const registration of this.#registrations) registration.dispose();
  }

  #put(path: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: SCHEME, path });
    const isNew = !this.#texts.has(path);
    this.#texts.set(path, text);
    if (!isNew) this.#changed.fire(uri);
    return uri;
  }
}
