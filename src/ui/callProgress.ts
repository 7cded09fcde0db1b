import * as vscode from 'vscode';
import type { Progress } from '../core/mcp/mcpTypes.ts';
import { plainText } from './plainText.ts';
import { Throttle } from './throttle.ts';

// A notification that comes and goes within this time is a flash, not news.
const PATIENCE_MS = 500;
// A server may tell its progress a thousand times a second; nobody reads that, and VS Code would draw it all.
const UPDATE_MS = 100;

/** Shows a call that takes its time: what the server says of its progress, and a way to cancel. */
export class CallProgress {
  readonly #title: string;
  readonly #cancel: () => void;
  readonly #timer: NodeJS.Timeout;
  #latest: Progress | undefined;
  #notification: vscode.Progress<{ message?: string; increment?: number }> | undefined;
  #shownPercent = 0;
  readonly #updates = new Throttle(() => this.#show(), UPDATE_MS);
  #close = (): void => {};

  constructor(title: string, cancel: () => void) {
    this.#title = title;
    this.#cancel = cancel;
    this.#timer = setTimeout(() => this.#open(), PATIENCE_MS);
  }

  report(progress: Progress): void {
    this.#latest = progress;
    this.#updates.ask();
  }

  /** The call settled. */
  end(): void {
    clearTimeout(this.#timer);
    this.#updates.dispose();
    this.#close();
  }

  #show(): void {
    if (this.#notification === undefined || this.#latest === undefined) return;
    const percent = percentOf(this.#latest);
    this.#notification.report({
      message: textOf(this.#latest),
      increment: Math.max(0, percent - this.#shownPercent),
    });
    this.#shownPercent = Math.max(this.#shownPercent, percent);
  }

  #open(): void {
    const location = vscode.ProgressLocation.Notification;
    vscode.window.withProgress({ location, title: this.#title, cancellable: true }, (notification, token) => {
      token.onCancellationRequested(this.#cancel);
      this.#notification = notification;
      this.#show();
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
