import { Budget, walk } from '../budget.ts';
import type { Clock } from '../metrics/clock.ts';
import type { ReadResourceResult } from './mcpTypes.ts';
import { freshFor } from './timeToLive.ts';

/** Characters that are kept, over all resources. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** Of a value, in characters. */
const VALUE_COST = 16;
const MAX_ENTRIES = 1_000;

interface Kept {
  readonly result: ReadResourceResult;
  readonly freshUntil: number;
  readonly size: number;
}

/**
 * What resources contained, as long as the server says of each (2026-07-28, Caching). It belongs to one connection and
 * so to one set of credentials, as `cacheScope: private` asks. The oldest goes first where there is too much.
 */
export class ReadCache {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  #size = 0;
  /** Counts what was forgotten: what was asked for before is not kept after. */
  #changes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(uri: string): ReadResourceResult | undefined {
    const kept = this.#kept.get(uri);
    return kept !== undefined && this.#clock.now() < kept.freshUntil ? kept.result : undefined;
  }

  /** To be taken before the request, and given to `keep` after it. */
  asOf(): number {
    return this.#changes;
  }

  keep(uri: string, result: ReadResourceResult, asOf: number): void {
    const ttl = freshFor(result);
    this.#drop(uri);
    if (ttl === 0 || asOf !== this.#changes) return;
    const size = sizeOf(result);
    if (size > MAX_CHARACTERS) return;
    this.#kept.set(uri, { result, freshUntil: this.#clock.now() + ttl, size });
    this.#size += size;
    for (const oldest of this.#kept.keys()) {
      if (this.#size <= MAX_CHARACTERS && this.#kept.size <= MAX_ENTRIES) return;
      this.#drop(oldest);
    }
  }

  /** `uri` has changed; it may be a part of what was read under another one. */
  forget(uri: string): void {
    this.#changes++;
    for (const [read, { result }] of this.#kept)
      if (read === uri || result.contents.some((one) => one.uri === uri)) this.#drop(read);
  }

  clear(): void {
    this.#changes++;
    this.#kept.clear();
    this.#size = 0;
  }

  #drop(uri: string): void {
    this.#size -= this.#kept.get(uri)?.size ?? 0;
    this.#kept.delete(uri);
  }
}

/** Characters of all texts, at whatever place, and some for each value: no part of a result is kept for nothing. */
function sizeOf(result: unknown): number {
  const budget = new Budget({ characters: MAX_CHARACTERS, values: MAX_CHARACTERS / VALUE_COST });
  if (walk(result, budget) !== undefined) return Number.POSITIVE_INFINITY;
  return budget.taken.characters + VALUE_COST * budget.taken.values;
}
