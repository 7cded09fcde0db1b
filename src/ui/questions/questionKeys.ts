import * as vscode from 'vscode';
import { type Clock, systemClock } from '../../core/metrics/clock.ts';
import { KeyGuard } from './keyGuard.ts';

/**
 * What the keyboard does while a server's question is on the screen. VS Code tells an extension that a box was closed, and not by
 * what. So Escape is a key of ours meanwhile (`sluice.leaveQuestion`): a box that closes without it had to make room for another
 * one, as for the palette after F1, and its question is not answered by that.
 */
export class QuestionKeys {
  readonly #clock: Clock;
  #guard: KeyGuard | undefined;
  #open = 0;
  #isLeft = false;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /**
   * While `show` runs, Escape leaves the question.
   * @returns what it gives, and whether the user left
   */
  async during<T>(show: () => Promise<T>): Promise<{ readonly shown: T; readonly isLeft: boolean }> {
    this.#isLeft = false;
    this.#open++;
    try {
      // Known to VS Code before the box is there: its own Escape would close that.
      await this.#tell();
      const shown = await show();
      return { shown, isLeft: this.#isLeft };
    } finally {
      this.#open--;
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

  /** Escape was pressed. */
  leave(): void {
    if (this.#open === 0 || this.#guard?.key() === false) return;
    this.#isLeft = true;
    void vscode.commands.executeCommand('workbench.action.closeQuickOpen');
  }

  #tell(): Thenable<unknown> {
    return vscode.commands.executeCommand('setContext', 'sluice.isAsking', this.#open > 0);
  }
}
