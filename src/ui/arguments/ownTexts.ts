/** A change of a document that is open. */
export interface TextChange {
  /** It differs from its file now: what was read from the file again does not. */
  readonly isDirty: boolean;
  /** An editor shows it. */
  readonly isVisible: boolean;
}

/**
 * Which documents of arguments hold what the user has seen come about: Sluice wrote it, or it was written in an editor. Every
 * extension can write to their file system, and to a document that no editor shows. What it writes in an editor before the user's
 * eyes cannot be told from typing.
 */
export class OwnTexts {
  /** In the file. */
  readonly #saved = new Map<string, string>();
  readonly #open = new Map<string, { readonly text: string; readonly isOwn: boolean }>();

  isOwn(uri: string, text: string): boolean {
    const open = this.#open.get(uri);
    return open?.text === text ? open.isOwn : this.#saved.get(uri) === text;
  }

  /** Sluice put it into the file, or the user has said yes to it. */
  wrote(uri: string, text: string): void {
    this.#saved.set(uri, text);
  }

  opened(uri: string, text: string): void {
    this.#open.set(uri, { text, isOwn: this.#saved.get(uri) === text });
  }

  /** Sluice put it into the open document, or the user has said yes to it. */
  edited(uri: string, text: string): void {
    this.#open.set(uri, { text, isOwn: true });
  }

  changed(uri: string, text: string, { isDirty, isVisible }: TextChange): void {
    const wasOwn = this.#open.get(uri)?.isOwn ?? false;
    // A text that another extension wrote stays foreign when the user goes on writing in it.
    this.#open.set(uri, { text, isOwn: isDirty ? wasOwn && isVisible : this.#saved.get(uri) === text });
  }

  saved(uri: string, text: string): void {
    if (this.isOwn(uri, text)) this.#saved.set(uri, text);
    else this.#saved.delete(uri);
  }

  closed(uri: string): void {
    this.#open.delete(uri);
  }
}
