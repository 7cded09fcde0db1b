import * as vscode from 'vscode';
import { type Clock, systemClock } from '../../core/metrics/clock.ts';
import { KeyGuard } from './keyGuard.ts';

/**
 * What the keyboard does while a server's question is on the screen. VS Code tells an extension that a box was closed, but not how.
 * So Escape is a key of ours meanwhile (`sluice.leaveQuestion`): a box that closes without it had to make room for another
 * one, as for the palette after F1, and its question is not answered by that.
 */
export class QuestionKeys {
  readonly #clock: Clock;
  /** Of each question on the screen, the newest last: aborted when the user leaves it. */
  readonly #open: AbortController[] = [];
  #guard: KeyGuard | undefined;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /**
   * While `show` runs, Escape leaves the question.
   * @param show closes what it shows once its signal is aborted
   * @returns what it gives, and whether the user left
   */
  async during<T>(
    show: (leaving: AbortSignal) => Promise<T>,
  ): Promise<{ readonly shown: T; readonly isLeft: boolean }> {
    const leaving = new AbortController();
    this.#open.push(leaving);
    try {
      // Known to VS Code before the box is there: its own Escape would close that.
      await this.#tell();
      const shown = await show(leaving.signal);
      return { shown, isLeft: leaving.signal.aborted };
    } finally {
      this.#open.splice(this.#open.indexOf(leaving), 1);
      void this.#tell();
    }
  }

  /** Of a list that has just appeared, until its guard is disposed of. */
  guard(onChange: (isOpen: boolean) => void): KeyGuard {
    const guard = new KeyGuard(this.#clock, onChange);
    this.#guard = guard;
    return guard;
  }

  release(guard: KeyGuard): void {
    guard.dispose();
    if (this.#guard === guard) this.#guard = undefined;
  }

  /**
   * Escape was pressed. The question closes its own box: by the time that the key has come here, another one may be on the screen,
   * such as the palette.
   */
  leave(): void {
    if (this.#guard?.key() === false) return;
    this.#open.at(-1)?.abort();
  }

  #tell(): Thenable<unknown> {
    return vscode.commands.executeCommand('setContext', 'sluice.isAsking', this.#open.length > 0);
  }
}
