import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';

/** How long VS Code may take to write out what was logged. */
const patience = 20_000;

/**
 * The file behind a `LogOutputChannel`. The Output view shows this file, but draws only the lines in view: the file has
 * them all.
 */
export class LogChannel {
  readonly #logs: string;
  readonly #file: string;

  /** @param logs the directory of VS Code's logs; each start has one in it, and each extension host one in that */
  constructor(logs: string, file: string) {
    this.#logs = logs;
    this.#file = file;
  }

  /** Everything so far. */
  async text(): Promise<string> {
    const [file] = globSync(path.join(this.#logs, '*', 'exthost*', this.#file));
    return file !== undefined && existsSync(file) ? readFile(file, 'utf8') : '';
  }

  /** Waits until the text matches. */
  async waitFor(pattern: RegExp): Promise<void> {
    await expect.poll(() => this.text(), { timeout: patience }).toMatch(pattern);
  }
}
