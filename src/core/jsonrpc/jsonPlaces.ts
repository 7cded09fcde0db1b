/** Names of members and places in arrays, from the outside in. */
export type JsonPath = readonly (string | number)[];

/** Where a value stands in a text. */
export interface JsonPlace {
  readonly start: number;
  /** Undefined where the search ended within it. */
  readonly end: number | undefined;
}

/** Steps of one search, each a few nanoseconds. */
const MOST_STEPS = 4_000_000;
/** What finding the end of a string costs, and going on to the next part of what is searched, in steps. */
const STRING = 8;
const PART = 20;
/** Characters of a name with its quotes, escapes included; a longer one is not looked for. */
const LONGEST_NAME = 1_000;

const BLANK = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const ARRAY = 0x5b;
const ARRAY_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;

/** What is looked for below a value; `wanted` where it is looked for itself. */
interface Branch {
  wanted: JsonPath | undefined;
  readonly parts: Map<string | number, Branch>;
}

/**
 * Finds values in a JSON text by their paths, without reading the others: a string is passed in one search for its end. Of members
 * of one name the last counts, as everywhere. In time that does not depend on what a server sent.
 * @param text valid JSON: what `JSON.parse` took
 * @returns by `pathKey`; what is not there is not in it, and what lies behind all that could be searched is not either
 */
export function findPlaces(
  text: string,
  paths: readonly JsonPath[],
  steps = MOST_STEPS,
): ReadonlyMap<string, JsonPlace> {
  const root: Branch = { wanted: undefined, parts: new Map() };
  for (const path of paths) {
    let branch = root;
    for (const part of path) {
      const next: Branch = branch.parts.get(part) ?? { wanted: undefined, parts: new Map() };
      branch.parts.set(part, next);
      branch = next;
    }
    branch.wanted = path;
  }
  return new Search(text, steps).run(root);
}

export function pathKey(path: JsonPath): string {
  return JSON.stringify(path);
}

class Search {
  readonly #text: string;
  readonly #found = new Map<string, JsonPlace>();
  #left: number;

  constructor(text: string, steps: number) {
    this.#text = text;
    this.#left = steps;
  }

  run(root: Branch): ReadonlyMap<string, JsonPlace> {
    this.#visit(this.#blanks(0), root);
    return this.#found;
  }

  /** As deep as the paths are, and no deeper. @returns behind the value */
  #visit(start: number, branch: Branch | undefined): number {
    if (branch === undefined) return this.#skip(start);
    const code = this.#text.charCodeAt(start);
    const isEntered = branch.parts.size > 0 && (code === OBJECT || code === ARRAY);
    const { wanted } = branch;
    if (wanted !== undefined && this.#left > 0) this.#found.set(pathKey(wanted), { start, end: undefined });
    const end = isEntered ? this.#enter(start, branch, code === ARRAY) : this.#skip(start);
    if (wanted !== undefined && this.#left > 0) this.#found.set(pathKey(wanted), { start, end });
    return end;
  }

  #enter(start: number, { parts }: Branch, isArray: boolean): number {
    const text = this.#text;
    let at = this.#blanks(start + 1);
    for (let index = 0; this.#left > 0; index++) {
      this.#left -= PART;
      const code = text.charCodeAt(at);
      if (code === OBJECT_END || code === ARRAY_END) return at + 1;
      let part: string | number | undefined = index;
      if (!isArray) {
        const end = this.#stringEnd(at);
        part = this.#name(at, end);
        at = this.#blanks(this.#blanks(end) + 1);
      }
      at = this.#blanks(this.#visit(at, part === undefined ? undefined : parts.get(part)));
      if (text.charCodeAt(at) === COMMA) at = this.#blanks(at + 1);
    }
    return at;
  }

  #name(start: number, end: number): string | undefined {
    if (this.#left <= 0 || end - start > LONGEST_NAME) return undefined;
    this.#left -= STRING;
    return JSON.parse(this.#text.slice(start, end)) as string;
  }

  /** Behind a value of any depth. */
  #skip(start: number): number {
    const text = this.#text;
    let at = start;
    let depth = 0;
    while (this.#left-- > 0) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        at = this.#stringEnd(at);
        if (depth === 0) return at;
      } else if (code === OBJECT || code === ARRAY) {
        depth++;
        at++;
      } else if (code === OBJECT_END || code === ARRAY_END) {
        // The end of what a number or a word stands in.
        if (depth === 0) return at;
        at++;
        if (--depth === 0) return at;
      } else if (depth === 0 && (code === COMMA || code <= BLANK || Number.isNaN(code))) return at;
      else at++;
    }
    return at;
  }

  /** Behind the closing quote of the string that begins at `start`. */
  #stringEnd(start: number): number {
    const text = this.#text;
    for (let at = start + 1; this.#left > 0; ) {
      this.#left -= STRING;
      const quote = text.indexOf('"', at);
      if (quote < 0) return text.length;
      let slashes = 0;
      while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes++;
      this.#left -= slashes;
      at = quote + 1;
      if (slashes % 2 === 0) return at;
    }
    return text.length;
  }

  #blanks(start: number): number {
    const text = this.#text;
    let at = start;
    while (text.charCodeAt(at) <= BLANK && this.#left-- > 0) at++;
    return at;
  }
}
