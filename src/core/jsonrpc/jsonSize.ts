import { randomInt } from 'node:crypto';

const QUOTE = 0x22;
const COMMA = 0x2c;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const LETTER_U = 0x75;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Bytes of a long text that are looked at one by one before the next quote or backslash is searched for. */
const NEAR = 24;
/** The same, where they were found to be as near as that. */
const MAX_NEAR = 4_096;

/** Which bytes matter outside of texts; most are blanks, digits and letters. */
const MATTERS = new Uint8Array(256);
for (const byte of [QUOTE, COMMA, DOT, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT]) MATTERS[byte] = 1;

/**
 * What `JSON.parse` takes for each part of a text, besides its bytes, as if it were so many bytes more: in time or, where that
 * is more, in memory. V8 keeps names, short texts and the order of an object's names in tables: what is not in them yet
 * costs many times what is. A value takes about 40 ns where 64 MiB of plain text take 90 ms.
 */
export const COST = {
  /** A number, `true`, `false` or `null`; one of these is the unit of what a text costs. */
  value: 64,
  /** What a number with a fraction costs besides. */
  fraction: 48,
  /** A text that is no name. */
  text: 128,
  /** What a short text costs besides, where the message had none like it yet: V8 has a table of those. */
  newShortText: 640,
  /** An escape within a text or a name: 2 to 10 ns where a byte takes 1.5, and there are few in what is not text. */
  escape: 1,
  /** An object or an array: memory more than time. */
  container: 256,
  /** A name behind other names of its object than it had in any object before: V8 describes such objects anew. */
  newName: 3_840,
  /** A name that is a number, or one beyond the first 48 of its object: V8 keeps those in a table for each object. */
  tabledName: 1_408,
  /** Each character of a name that is not known yet. */
  nameCharacter: 3,
} as const;

/** Names of an object that V8 describes well enough: with more, one number that was whole before may cost all of them. */
export const MOST_DESCRIBED = 48;
/** Places of names that are known again; V8 has room for 1,536 that follow the same names. */
export const MOST_PLACES = 1_024;
/** Short texts that are known again: of more, V8's table is slower than the processor's caches. */
export const MOST_TEXTS = 16_384;
/** Characters of a text that V8 looks up in its table. */
const SHORT_TEXT = 10;

/** Secrets of the hashes of names and short texts: a server cannot choose texts whose hashes are the same. */
const SEED = randomInt(2 ** 31);
const FACTOR = randomInt(2 ** 31) | 1;

export interface JsonBounds {
  /** What a text may cost, in values: as much as so many numbers. */
  readonly maxValues: number;
  readonly maxDepth: number;
}

export type JsonBound = 'values' | 'depth';

/**
 * Weighs what parsing a JSON text will cost while its bytes come in, before it is decoded or parsed: that does not depend
 * on its bytes alone. It knows texts, names and containers, and nothing else of JSON: of what is no JSON, parsing ends at
 * the first fault, and costs nothing behind it.
 */
export class JsonSize {
  /** Levels of objects and arrays within each other, at most; of an array of numbers it is 1. */
  depth = 0;
  #cost: number = COST.value;
  #level = 0;
  /** Names so far of the objects that are open, by their level; -1 of an array, and outside. */
  readonly #names = [-1];
  /** A hash of those names in their order. */
  readonly #places = [0];
  readonly #known = new Known(MOST_PLACES);
  readonly #knownTexts = new Known(MOST_TEXTS);
  readonly #quote = new Finder(QUOTE);
  readonly #backslash = new Finder(BACKSLASH);
  /** The last byte was that of a container that began. */
  #isFresh = false;
  /** The next text of this object is a name. */
  #isBeforeName = false;
  #isInText = false;
  /** The next byte of the text belongs to a backslash. */
  #isEscaped = false;
  /** Characters of the text so far; where it is long, of its beginning. */
  #length = 0;
  #hash = 0;
  /** Whether the text so far is a number; the digits of `\u0035` are as good as any. */
  #isNumber = true;

  /** What the text costs so far, in values: it costs as much as so many numbers. */
  get values(): number {
    return this.#cost / COST.value;
  }

  /** The next bytes, from `start` to `end`. They may be cut anywhere. */
  count(bytes: Buffer, start = 0, end = bytes.length): void {
    let at = start;
    this.#cost += end - start;
    this.#quote.reset();
    this.#backslash.reset();
    // Of an empty container the end follows its beginning at once.
    if (this.#isFresh && at < end) {
      this.#isFresh = false;
      if (bytes[at] === CLOSE_ARRAY || bytes[at] === CLOSE_OBJECT) this.#cost -= COST.value;
    }
    while (at < end) {
      if (this.#isInText) {
        at = this.#readText(bytes, at, end);
        continue;
      }
      const byte = bytes[at++] ?? 0;
      if (MATTERS[byte] === 0) continue;
      switch (byte) {
        case QUOTE:
          this.#isInText = true;
          this.#length = 0;
          this.#hash = SEED;
          this.#isNumber = true;
          break;
        case COMMA:
          this.#cost += COST.value;
          this.#isBeforeName = (this.#names[this.#level] ?? -1) >= 0;
          break;
        case DOT:
          this.#cost += COST.fraction;
          break;
        case OPEN_ARRAY:
        case OPEN_OBJECT:
          this.#open(byte === OPEN_OBJECT);
          if (at === end) this.#isFresh = true;
          else if (bytes[at] === CLOSE_ARRAY || bytes[at] === CLOSE_OBJECT) this.#cost -= COST.value;
          break;
        case CLOSE_ARRAY:
        case CLOSE_OBJECT:
          this.#level--;
          break;
      }
    }
  }

  /** A line has ended: no text of JSON goes on behind a line end. */
  endLine(): void {
    this.#cost += COST.value;
    this.#isFresh = false;
    this.#isInText = false;
    this.#isEscaped = false;
  }

  /** The bound that the text is over already; undefined while there is none. */
  exceeded({ maxValues, maxDepth }: JsonBounds): JsonBound | undefined {
    if (this.values > maxValues) return 'values';
    return this.depth > maxDepth ? 'depth' : undefined;
  }

  /** Another text begins. */
  reset(): void {
    this.depth = 0;
    this.#cost = COST.value;
    this.#level = 0;
    this.#known.clear();
    this.#knownTexts.clear();
    this.#isFresh = false;
    this.#isBeforeName = false;
    this.#isInText = false;
    this.#isEscaped = false;
  }

  /** Its first part is counted with it, which an empty one has not; every other part with the comma before it. */
  #open(isObject: boolean): void {
    this.#cost += COST.container;
    this.#level++;
    if (this.#level > this.depth) this.depth = this.#level;
    this.#names[this.#level] = isObject ? 0 : -1;
    this.#places[this.#level] = SEED;
    this.#isBeforeName = isObject;
  }

  /** @returns where the text has ended, `end` where it goes on */
  #readText(bytes: Buffer, start: number, end: number): number {
    let at = start;
    if (this.#isEscaped) {
      this.#isEscaped = false;
      if (this.#isBeforeName || this.#length <= SHORT_TEXT + 1) this.#addEscaped(bytes[at]);
      at++;
    }
    // A name counts whole, of other texts whether they are short.
    while (at < end && (this.#isBeforeName || this.#length <= SHORT_TEXT)) {
      at = this.#readPlain(bytes, at, end);
      if (at === end) break;
      const byte = bytes[at];
      if (byte === QUOTE) return this.#endText(at + 1);
      if (byte !== BACKSLASH) continue;
      this.#cost += COST.escape;
      this.#add(BACKSLASH);
      if (++at === end) this.#isEscaped = true;
      else this.#addEscaped(bytes[at++]);
    }
    for (let near = NEAR; at < end; ) {
      for (const until = Math.min(end, at + near); at < until; ) {
        const byte = bytes[at++];
        if (byte === QUOTE) return this.#endText(at);
        if (byte !== BACKSLASH) continue;
        this.#cost += COST.escape;
        if (at === end) this.#isEscaped = true;
        else at++;
      }
      if (at >= end) break;
      const stop = Math.min(this.#quote.from(bytes, at, end), this.#backslash.from(bytes, at, end));
      // Where the next one was far, the one after it may be too.
      near = stop - at < NEAR ? Math.min(Math.max(2 * near, NEAR), MAX_NEAR) : 1;
      at = stop;
    }
    return end;
  }

  /** @returns where a quote or a backslash stands, or where the text is known to be long */
  #readPlain(bytes: Buffer, start: number, end: number): number {
    const until = this.#isBeforeName ? end : Math.min(end, start + SHORT_TEXT + 1 - this.#length);
    let at = start;
    let hash = this.#hash;
    let isNumber = this.#isNumber;
    for (; at < until; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE || byte === BACKSLASH) break;
      hash = mixed(hash, byte);
      if (byte > NINE || byte < ZERO) isNumber = false;
    }
    this.#hash = hash;
    this.#isNumber = isNumber;
    this.#length += at - start;
    return at;
  }

  #add(byte: number): void {
    this.#hash = mixed(this.#hash, byte);
    this.#length++;
  }

  /** What follows a backslash is one character with it. */
  #addEscaped(byte = 0): void {
    this.#add(byte);
    if (byte === LETTER_U) this.#length -= 5;
    else {
      this.#length--;
      this.#isNumber = false;
    }
  }

  /** @returns the place behind its quote */
  #endText(at: number): number {
    this.#isInText = false;
    if (this.#isBeforeName) this.#endName();
    else {
      this.#cost += COST.text - COST.value;
      if (this.#length <= SHORT_TEXT && !this.#knownTexts.has(this.#hash)) this.#cost += COST.newShortText;
    }
    return at;
  }

  #endName(): void {
    this.#isBeforeName = false;
    const level = this.#level;
    const count = (this.#names[level] ?? 0) + 1;
    this.#names[level] = count;
    const place = mixed(this.#places[level] ?? 0, this.#hash) ^ count;
    this.#places[level] = place;
    if (this.#isNumber || count > MOST_DESCRIBED) this.#cost += COST.tabledName;
    else if (this.#known.has(place)) return;
    else this.#cost += COST.newName;
    this.#cost += Math.max(0, this.#length) * COST.nameCharacter;
  }
}

/** Multiplied alone, texts of digits looked alike by the thousand for one factor in a hundred: their sum of products was the same. */
function mixed(hash: number, part: number): number {
  const product = Math.imul(hash ^ part, FACTOR);
  return product ^ (product >>> 15);
}

/** Hashes that came before, as far as there is room for them. */
class Known {
  readonly #most: number;
  /** Made when it is needed: most messages are small. */
  #hashes: Set<number> | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether it came before; from now on it has. */
  has(hash: number): boolean {
    // A number that V8 keeps without an object of its own.
    const key = hash >>> 2;
    this.#hashes ??= new Set();
    if (this.#hashes.has(key)) return true;
    if (this.#hashes.size < this.#most) this.#hashes.add(key);
    return false;
  }

  clear(): void {
    this.#hashes?.clear();
  }
}

/** Finds one byte again and again, and looks at each place once. */
class Finder {
  readonly #byte: number;
  /** The place that was found last. */
  #found = -1;

  constructor(byte: number) {
    this.#byte = byte;
  }

  /** The next place of the byte; `end` where there is none before it. */
  from(bytes: Buffer, start: number, end: number): number {
    if (this.#found < start) {
      const found = (end === bytes.length ? bytes : bytes.subarray(0, end)).indexOf(this.#byte, start);
      this.#found = found < 0 ? end : found;
    }
    return this.#found;
  }

  /** Other bytes come. */
  reset(): void {
    this.#found = -1;
  }
}
