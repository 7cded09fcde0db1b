// Stands in for the native package with which VS Code's server writes its logs (@vscode/spdlog): the part of it that the server
// uses, with the same files and lines, so that nothing has to be compiled. Laid into the server build as one CommonJS file.
import { closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';

const levels = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'] as const;

/** Every line is written before the event loop turns, so there is no level from which to do that. */
export function setFlushOn(_level: number): void {}

/**
 * @param file its path, ending in .log
 * @param maxBytes from there on the file is moved aside, to NAME.1.log, and that to NAME.2.log
 * @param maxFiles how many of those are kept
 */
export async function createAsyncRotatingLogger(
  _name: string,
  file: string,
  maxBytes: number,
  maxFiles: number,
): Promise<Logger> {
  mkdirSync(path.dirname(file), { recursive: true });
  return new Logger(file, maxBytes, maxFiles);
}

class Logger {
  readonly #file: string;
  readonly #maxBytes: number;
  readonly #maxFiles: number;
  #level = 0;
  /** Whether a line gets its time and level, and an end. */
  #formatted = true;
  #pending: string[] = [];
  #descriptor: number | undefined;
  #bytes: number;

  constructor(file: string, maxBytes: number, maxFiles: number) {
    this.#file = file;
    this.#maxBytes = maxBytes;
    this.#maxFiles = maxFiles;
    this.#descriptor = openSync(file, 'a');
    this.#bytes = statSync(file).size;
  }

  setLevel(level: number): void {
    this.#level = level;
  }

  clearFormatters(): void {
    this.#formatted = false;
  }

  /** There is one pattern that VS Code sets. */
  setPattern(_pattern: string): void {
    this.#formatted = true;
  }

  trace(text: string): void {
    this.#log(0, text);
  }

  debug(text: string): void {
    this.#log(1, text);
  }

  info(text: string): void {
    this.#log(2, text);
  }

  warn(text: string): void {
    this.#log(3, text);
  }

  error(text: string): void {
    this.#log(4, text);
  }

  critical(text: string): void {
    this.#log(5, text);
  }

  flush(): void {
    const text = this.#pending.join('');
    this.#pending = [];
    if (text === '' || this.#descriptor === undefined) return;
    const bytes = Buffer.byteLength(text);
    if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) this.#rotate();
    writeSync(this.#descriptor, text);
    this.#bytes += bytes;
  }

  /** The last call: what comes after it is not written. */
  drop(): void {
    this.flush();
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #log(level: number, text: string): void {
    if (level < this.#level || this.#descriptor === undefined) return;
    if (this.#pending.length === 0) setImmediate(() => this.flush());
    this.#pending.push(this.#formatted ? `${localTime(new Date())} [${levels[level]}] ${text}\n` : text);
  }

  #rotate(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    const { dir, name, ext } = path.parse(this.#file);
    const aside = (index: number) => path.join(dir, index === 0 ? `${name}${ext}` : `${name}.${index}${ext}`);
    rmSync(aside(this.#maxFiles), { force: true });
    for (let index = this.#maxFiles - 1; index >= 0; index -= 1) {
      try {
        renameSync(aside(index), aside(index + 1));
      } catch {
        // There are not so many yet.
      }
    }
    this.#descriptor = openSync(this.#file, 'a');
    this.#bytes = 0;
  }
}

/** 2026-01-31 23:59:59.999 */
function localTime(time: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${date} ${clock}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}
