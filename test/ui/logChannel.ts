import { existsSync, globSync, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

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

  /** Waits until the text matches, and gives the match. */
  async waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    const found = Promise.withResolvers<RegExpExecArray>();
    const look = async () => {
      const match = pattern.exec(await this.text());
      if (match !== null) found.resolve(match);
    };
    const watcher = watch(this.#logs, { recursive: true }, () => void look().catch(found.reject));
    const late = setTimeout(() => found.reject(new Error('late')), patience);
    try {
      // Only now is a change that follows this reading sure to be seen.
      await look();
      return await found.promise;
    } catch (cause) {
      throw new Error(`The log channel never had ${pattern}. It has:\n${await this.text()}`, { cause });
    } finally {
      clearTimeout(late);
      watcher.close();
    }
  }
}
