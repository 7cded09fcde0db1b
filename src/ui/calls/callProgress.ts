import * as vscode from 'vscode';
import type { Progress } from '../../core/mcp/mcpTypes.ts';
import { type Line, line, lineOf } from '../surfaces/line.ts';
import { type ProgressBar, window } from '../surfaces/window.ts';
import { Throttle } from '../text/throttle.ts';

// A notification that comes and goes within this time is a flash, not news.
const PATIENCE_MS = 500;
// A server may tell its progress a thousand times a second; nobody reads that, and VS Code would draw it all.
const UPDATE_MS = 100;

/** Shows a call that takes its time: what the server says of its progress, and a way to cancel. */
export class CallProgress {
  readonly #title: Line;
  readonly #cancel: () => void;
  readonly #timer: NodeJS.Timeout;
  #latest: Progress | undefined;
  #notification: ProgressBar | undefined;
  #shownPercent = 0;
  readonly #updates = new Throttle(() => this.#show(), UPDATE_MS);
  #close = (): void => {};

  constructor(title: Line, cancel: () => void) {
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
    void window.withProgress({ location, title: this.#title, cancellable: true }, (notification, token) => {
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

function textOf({ progress, total, message }: Progress): Line {
  if (message !== undefined && message !== '') return lineOf(message, 120);
  return total === undefined ? line`${progress}` : line`${progress} of ${total}`;
}
