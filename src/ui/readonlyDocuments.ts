import * as vscode from 'vscode';

const SCHEME = 'sluice-result';

/** Text in an editor that cannot be changed and asks nobody to save it. It is kept for as long as it is open. */
export class ReadonlyDocuments implements vscode.Disposable {
  readonly #texts = new Map<string, string>();
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
        if (uri.scheme === SCHEME) this.#texts.delete(uri.path);
      }),
    ];
  }

  isOpen(path: string): boolean {
    return this.#texts.has(path);
  }

  /** @param path with the name that the tab shows; its extension says the language */
  put(path: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: SCHEME, path });
    const isNew = !this.#texts.has(path);
    this.#texts.set(path, text);
    if (!isNew) this.#changed.fire(uri);
    return uri;
  }

  async show(path: string, text: string): Promise<void> {
    await vscode.window.showTextDocument(this.put(path, text), { preview: true });
  }

  dispose(): void {
    for (const registration of this.#registrations) registration.dispose();
  }
}
