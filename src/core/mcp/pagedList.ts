import { SluiceError } from '../errors.ts';
import type { Clock } from '../metrics/clock.ts';

export interface PagedListOptions<T> {
  /** For example `tools/list`. */
  readonly method: string;
  /** The member of a page that holds its entries: `tools`. */
  readonly member: string;
  /** One page; the first where `cursor` is undefined. */
  readonly fetchPage: (
    cursor: string | undefined,
    signal: AbortSignal | undefined,
  ) => Promise<Readonly<Record<string, unknown>>>;
  /** Whether an entry can be used; whoever refuses one says why. */
  readonly accepts: (entry: unknown) => entry is T;
  readonly clock: Clock;
}

/** Pages of one list; a server that has more repeats itself. */
const MAX_PAGES = 200;

/**
 * A list of a server, whole. It is kept as long as the server says (2026-07-28, Caching), or until it says that it
 * changed.
 */
export class PagedList<T> {
  readonly #options: PagedListOptions<T>;
  #entries: readonly T[] | undefined;
  #freshUntil = 0;
  #loading: Promise<readonly T[]> | undefined;

  constructor(options: PagedListOptions<T>) {
    this.#options = options;
  }

  /** A fresh one; callers at the same time share one request. */
  get(signal: AbortSignal | undefined, refresh = false): Promise<readonly T[]> {
    if (!refresh && this.#entries !== undefined && this.#options.clock.now() < this.#freshUntil)
      return Promise.resolve(this.#entries);
    this.#loading ??= this.#load(signal).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  /** The last one, however old. */
  get known(): readonly T[] | undefined {
    return this.#entries;
  }

  /** The server says that it changed. */
  invalidate(): void {
    this.#freshUntil = 0;
  }

  async #load(signal: AbortSignal | undefined): Promise<readonly T[]> {
    const { fetchPage, clock, member, accepts } = this.#options;
    const entries: T[] = [];
    const cursors = new Set<string>();
    let freshFor = Number.POSITIVE_INFINITY;
    let cursor: string | undefined;
    do {
      const page = await fetchPage(cursor, signal);
      const part = page[member];
      if (!Array.isArray(part)) throw this.#malformed(`it has no "${member}"`);
      for (const entry of part) if (accepts(entry)) entries.push(entry);
      freshFor = Math.min(freshFor, readTtl(page['ttlMs']));
      cursor = typeof page['nextCursor'] === 'string' ? page['nextCursor'] : undefined;
      if (cursor === undefined) break;
      if (cursors.has(cursor))
        throw this.#malformed(`its cursor ${JSON.stringify(cursor)} comes back: the list never ends`);
      cursors.add(cursor);
    } while (cursors.size < MAX_PAGES);
    if (cursor !== undefined) throw this.#malformed(`it has more than ${MAX_PAGES} pages`);
    this.#entries = entries;
    this.#freshUntil = clock.now() + freshFor;
    return entries;
  }

  #malformed(problem: string): SluiceError {
    return new SluiceError('not-mcp', `The answer to ${this.#options.method} cannot be used: ${problem}`, {
      phase: 'response',
      delivery: 'answered',
      hint: 'The server’s author has to mend this.',
    });
  }
}

/** Absent or negative is 0: stale at once. */
function readTtl(ttlMs: unknown): number {
  return typeof ttlMs === 'number' && ttlMs > 0 ? ttlMs : 0;
}
