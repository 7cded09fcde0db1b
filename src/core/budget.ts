/**
 * What one piece of work on a value that a server sent may cost. A member that is left out is not bounded.
 *
 * A server chooses how large, how deep and how often a value is; a bound of one of the three alone does not bound the
 * other two. So whatever walks such a value, copies it, writes it or makes another one out of it takes from one budget.
 */
export interface Bounds {
  /** Objects, arrays, texts, numbers, `true`, `false` and `null`, looked at or made. */
  readonly values?: number;
  /** Levels of objects and arrays within each other; the value itself is level 0. */
  readonly depth?: number;
  /** Characters of texts and of members' names, read or written. */
  readonly characters?: number;
  /** Milliseconds, where the work looks at its budget again and again. What cannot be interrupted needs a worker. */
  readonly ms?: number;
}

export type Bound = keyof Bounds;

/** The clock is read once in so many values: a look costs more than a value. */
const VALUES_PER_LOOK = 256;

/**
 * What is left of the bounds. Work asks before each step, and ends where the answer is no:
 *
 *     if (!budget.take(depth, text.length)) return cut(budget.exceeded);
 */
export class Budget {
  readonly bounds: Bounds;
  readonly #now: (() => number) | undefined;
  readonly #startedAt: number;
  #values = 0;
  #characters = 0;
  #exceeded: Bound | undefined;

  /** @param now monotonic milliseconds; needed for a bound of `ms` only */
  constructor(bounds: Bounds, now?: () => number) {
    this.bounds = bounds;
    this.#now = bounds.ms === undefined ? undefined : now;
    this.#startedAt = this.#now?.() ?? 0;
  }

  /** The bound that the work met first; undefined while it goes on. Once there is one, nothing is given any more. */
  get exceeded(): Bound | undefined {
    return this.#exceeded;
  }

  /** What was taken so far. */
  get taken(): { readonly values: number; readonly characters: number } {
    return { values: this.#values, characters: this.#characters };
  }

  /**
   * Takes one value.
   * @param depth its level
   * @param characters of its text, and of the name under which it stands
   * @returns false where that is more than there is
   */
  take(depth = 0, characters = 0): boolean {
    const { bounds } = this;
    if (this.#exceeded !== undefined) return false;
    this.#values++;
    this.#characters += characters;
    if (this.#values > (bounds.values ?? Number.POSITIVE_INFINITY)) this.#exceeded = 'values';
    else if (depth > (bounds.depth ?? Number.POSITIVE_INFINITY)) this.#exceeded = 'depth';
    else if (this.#characters > (bounds.characters ?? Number.POSITIVE_INFINITY))
      this.#exceeded = 'characters';
    else if (this.#now !== undefined && this.#values % VALUES_PER_LOOK === 0 && this.#isLate())
      this.#exceeded = 'ms';
    return this.#exceeded === undefined;
  }

  /**
   * Takes characters that belong to no value of their own, such as an indentation.
   * @returns false where there are not so many
   */
  write(characters: number): boolean {
    if (this.#exceeded !== undefined) return false;
    this.#characters += characters;
    if (this.#characters > (this.bounds.characters ?? Number.POSITIVE_INFINITY))
      this.#exceeded = 'characters';
    return this.#exceeded === undefined;
  }

  #isLate(): boolean {
    return (this.#now?.() ?? 0) - this.#startedAt > (this.bounds.ms ?? Number.POSITIVE_INFINITY);
  }
}

/**
 * Walks a JSON value within a budget, each part once, without recursion: a value of any depth, in no more time than the
 * budget allows.
 * @returns the bound that the value exceeds; undefined where all of it was walked
 */
export function walk(value: unknown, budget: Budget): Bound | undefined {
  const pending: object[] = [];
  const depths: number[] = [];
  const look = (part: unknown, depth: number, name: number): boolean => {
    if (typeof part !== 'object' || part === null)
      return budget.take(0, typeof part === 'string' ? part.length + name : name);
    pending.push(part);
    depths.push(depth);
    return budget.take(depth, name);
  };
  if (!look(value, 0, 0)) return budget.exceeded;
  for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
    const depth = (depths.pop() ?? 0) + 1;
    if (Array.isArray(parent)) {
      for (const part of parent) if (!look(part, depth, 0)) return budget.exceeded;
    } else {
      for (const name in parent)
        if (!look((parent as Record<string, unknown>)[name], depth, name.length)) return budget.exceeded;
    }
  }
  return undefined;
}

/** Whether a JSON value keeps bounds, and which one it does not keep: `walk` with a budget of its own. */
export function exceeds(value: unknown, bounds: Bounds): Bound | undefined {
  return walk(value, new Budget(bounds));
}
