import { createHash } from 'node:crypto';
import { Budget, walk } from '../budget.ts';
import { isSluiceError, SluiceError } from '../errors.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import type { Clock } from '../metrics/clock.ts';
import { CallLog } from '../transport/callLog.ts';
import { INVALID_PARAMS } from './errorCodes.ts';
import type { RequestOptions, Requests } from './requests.ts';
import { rpcErrorOf } from './rpcFailure.ts';
import { SharedRequest } from './sharedRequest.ts';
import { freshFor } from './timeToLive.ts';

export interface PagedListOptions<T> {
  readonly requests: Requests;
  /** For example `tools/list`. */
  readonly method: string;
  /** The member of a page that holds its entries: `tools`. */
  readonly member: string;
  /** An entry as it is to be used; undefined where it cannot be, and `warn` was told why. */
  readonly read: (entry: unknown) => T | undefined;
  readonly clock: Clock;
  /** A whole list has come, and is kept. */
  readonly onListed?: ((entries: readonly T[]) => void) | undefined;
}

/** Of all pages. */
type Asking = Required<Pick<RequestOptions, 'signal' | 'call'>>;

/** Pages of one list; a server that has more repeats itself. */
const MAX_PAGES = 200;
/** Entries of one list, over all pages. */
const MAX_ENTRIES = 50_000;
/** Of all its pages together: a page is a message, and may be as large as one. */
const LIST_BOUNDS = { values: 500_000, characters: 16 * 1024 * 1024 } as const;

/**
 * A list of a server, whole. It is kept as long as the server says of its pages (2026-07-28, Caching), or until it says
 * that it changed. It belongs to one connection and so to one set of credentials, as `cacheScope: private` asks.
 */
export class PagedList<T> {
  readonly #options: PagedListOptions<T>;
  #entries: readonly T[] | undefined;
  #freshUntil = 0;
  /** For whoever asks now. */
  #loading: SharedRequest<readonly T[]> | undefined;
  /** The one whose requests are on their way; `#loading` waits for its end where it is another one. */
  #running: SharedRequest<readonly T[]> | undefined;
  #doubts = 0;
  /** When the last list was asked for. */
  #doubtsBefore = 0;
  #isOutdated = false;

  constructor(options: PagedListOptions<T>) {
    this.#options = options;
    options.requests.onOutdated(() => this.invalidate());
  }

  /** A fresh one; callers at the same time share one request. */
  get(signal: AbortSignal | undefined, refresh = false): Promise<readonly T[]> {
    if (!refresh && this.#entries !== undefined && this.#options.clock.now() < this.#freshUntil)
      return Promise.resolve(this.#entries);
    if (this.#loading === undefined || this.#loading.abandoned)
      this.#loading = this.#loadAfter(this.#running);
    return this.#loading.join(signal);
  }

  /** "Don't persist cursors across sessions" (2025-11-25, Pagination): where one ends, from the first page again, once. */
  async #loadInOneSession(asking: Asking, isCurrent: () => boolean): Promise<readonly T[]> {
    try {
      return await this.#load(asking, isCurrent);
    } catch (error) {
      if (!isSluiceError(error) || error.code !== 'session-lost') throw error;
      return this.#load(asking, isCurrent);
    }
  }

  /** It was never asked for, or has not come yet. */
  get isUnknown(): boolean {
    return this.#entries === undefined && !this.#isOutdated;
  }

  /** The last one, however old, unless the server said that it changed: then its hints may be those of another tool. */
  get known(): readonly T[] | undefined {
    return this.#isOutdated ? undefined : this.#entries;
  }

  /** The server says that it changed: what is on its way may be the old one. */
  invalidate(): void {
    this.#freshUntil = 0;
    this.#isOutdated = true;
    if (this.#loading === this.#running) this.#loading = undefined;
  }

  /** The server said that it changed, which may be acted upon later: what its entries promise is not relied on until then. */
  doubt(): void {
    this.#doubts++;
  }

  get isDoubted(): boolean {
    return this.#doubts !== this.#doubtsBefore;
  }

  /** One at a time: however often the server says that the list changed, one is on its way and one waits. */
  #loadAfter(before: SharedRequest<readonly T[]> | undefined): SharedRequest<readonly T[]> {
    const loading: SharedRequest<readonly T[]> = new SharedRequest(async (shared) => {
      await before?.settled;
      shared.throwIfAborted();
      this.#running = loading;
      try {
        const call = new CallLog();
        const doubts = this.#doubts;
        const entries = await call.whole(
          this.#loadInOneSession({ signal: shared, call }, () => this.#loading === loading),
        );
        this.#doubtsBefore = doubts;
        return entries;
      } finally {
        if (this.#running === loading) this.#running = undefined;
        if (this.#loading === loading) this.#loading = undefined;
      }
    });
    return loading;
  }

  /** @param isCurrent false once the list changed while it was loaded: then it is good for whoever waits, and not kept */
  async #load(asking: Asking, isCurrent: () => boolean, isRestart = false): Promise<readonly T[]> {
    const { requests, method, read, clock } = this.#options;
    const entries: T[] = [];
    const pages = new Set<string>();
    const budget = new Budget(LIST_BOUNDS);
    let count = 0;
    let freshUntil = Number.POSITIVE_INFINITY;
    const { session } = requests;
    let cursor: string | undefined;
    do {
      const params = cursor === undefined ? {} : { cursor };
      let result: Readonly<Record<string, unknown>>;
      try {
        ({ result } = await requests.send(method, params, { ...asking, repeatable: true, session }));
      } catch (error) {
        // "If a cursor becomes invalid …, the client SHOULD discard all cached pages and re-fetch from the beginning."
        const isInvalid = cursor !== undefined && rpcErrorOf(error)?.code === INVALID_PARAMS;
        if (cursor === '' && rpcErrorOf(error) !== undefined) {
          cursor = undefined;
          break;
        }
        if (!isInvalid || isRestart) throw error;
        return this.#load(asking, isCurrent, true);
      }
      const part = this.#entriesOf(result, pages.size);
      // Most servers that give an empty cursor mean that there is none, and begin anew.
      if (cursor === '' && (part.length === 0 || pages.has(digestOf(part) ?? ''))) {
        cursor = undefined;
        break;
      }
      count += part.length;
      if (count > MAX_ENTRIES) throw this.#malformed(`it has more than ${MAX_ENTRIES} entries`);
      const exceeded = walk(part, budget);
      if (exceeded !== undefined)
        throw this.#malformed(
          `it has more than ${LIST_BOUNDS[exceeded as keyof typeof LIST_BOUNDS]} ${exceeded}`,
        );
      for (const entry of part) {
        const one = read(entry);
        if (one !== undefined) entries.push(one);
      }
      freshUntil = Math.min(freshUntil, clock.now() + freshFor(result));
      cursor = typeof result['nextCursor'] === 'string' ? result['nextCursor'] : undefined;
      if (cursor === undefined) break;
      // Not by its cursors, of which only their being there may be judged (2026-07-28, Pagination).
      const page = digestOf(part) ?? `${pages.size}`;
      if (pages.has(page)) throw this.#malformed('it returned the same page twice, so the list never ends');
      pages.add(page);
    } while (pages.size < MAX_PAGES);
    if (cursor !== undefined) throw this.#malformed(`it has more than ${MAX_PAGES} pages`);
    if (isCurrent()) {
      this.#entries = entries;
      this.#isOutdated = false;
      this.#freshUntil = freshUntil;
      this.#options.onListed?.(entries);
    }
    return entries;
  }

  /** What a page holds. One that is none costs only itself, if it is not the first. */
  #entriesOf(result: Readonly<Record<string, unknown>>, before: number): readonly unknown[] {
    const { requests, method, member } = this.#options;
    const held = result[member];
    if (Array.isArray(held)) return held;
    if (held === null) return [];
    if (before === 0) throw this.#malformed(`it has no "${member}"`);
    requests.warn(
      `page ${before + 1} of ${method} was left out, because its "${member}" is not a list: ${excerpt(held)}`,
    );
    return [];
  }

  #malformed(problem: string): SluiceError {
    return new SluiceError('not-mcp', `The answer to ${this.#options.method} cannot be used: ${problem}`, {
      phase: 'response',
      delivery: 'answered',
      hint: 'The fault is in the server: report it to its author.',
    });
  }
}

function digestOf(page: readonly unknown[]): string | undefined {
  if (page.length === 0) return undefined;
  try {
    return createHash('sha256').update(JSON.stringify(page)).digest('base64');
  } catch {
    // Parsing takes any depth, and writing does not.
    return undefined;
  }
}
