import * as vscode from 'vscode';
import type { Progress } from '../core/mcp/mcpTypes.ts';
import { plainText } from './plainText.ts';

// A notification that comes and goes within this time is a flash, not news.
const PATIENCE_MS = 500;

/** Shows a call that takes its time: what the server says of its progress, and a way to cancel. */
export class CallProgress {
  readonly #title: string;
  readonly #cancel: () => void;
  readonly #timer: NodeJS.Timeout;
  #latest: Progress | undefined;
  #notification: vscode.Progress<{ message?: string; increment?: number }> | undefined;
  #shownPercent = 0;
  #close = (): void => {};

  constructor(title: string, cancel: () => void) {
    this.#title = title;
    this.#cancel = cancel;
    this.#timer = setTimeout(() => this.#open(), PATIENCE_MS);
  }

  report(progress: Progress): void {
    this.#latest = progress;
    if (this.#notification === undefined) return;
    const percent = percentOf(progress);
    this.#notification.report({
      message: textOf(progress),
      increment: Math.max(0, percent - this.#shownPercent),
    });
    this.#shownPercent = Math.max(this.#shownPercent, percent);
  }

  /** The call settled. */
  end(): void {
    clearTimeout(this.#timer);
    this.#close();
  }

  #open(): void {
    const location = vscode.ProgressLocation.Notification;
    vscode.window.withProgress({ location, title: this.#title, cancellable: true }, (notification, token) => {
      token.onCancellationRequested(this.#cancel);
      this.#notification = notification;
      if (this.#latest !== undefined) this.report(this.#latest);
      return new Promise<void>((resolve) => {
        this.#close = resolve;
      });
    });
  }
}

function percentOf({ progress, total }: Progress): number {
  return total === undefined || total <= 0 ? 0 : Math.min(100, (progress / total) * 100);
}

function textOf({ progress, total, message }: Progress): string {
  if (message !== undefined && message !== '') return plainText(message, 120);
  return total === undefined ? String(progress) : `${progress} of ${total}`;
}
