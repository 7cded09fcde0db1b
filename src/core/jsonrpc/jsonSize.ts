const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Bytes of a text that are looked at one by one before the next quote is searched for. */
const NEAR = 24;
/** The same, where quotes were found to be as near as that. */
const MAX_NEAR = 4_096;

/** Which bytes matter outside of texts; most are blanks, digits and letters. */
const MATTERS = new Uint8Array(256);
for (const byte of [QUOTE, COMMA, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT]) MATTERS[byte] = 1;

export interface JsonBounds {
  readonly maxValues: number;
  readonly maxDepth: number;
}

export type JsonBound = 'values' | 'depth';

/**
 * Counts what a JSON text will become while its bytes come in, before it is decoded or parsed: what a value costs does
 * not depend on its bytes. It knows texts, and nothing else of JSON: of what is no JSON, parsing ends at the first fault,
 * and costs nothing behind it.
 */
export class JsonSize {
  /** Objects, arrays, texts, numbers and so on: one, one for each comma, and one for each container that is not empty. */
  values = 1;
  /** Levels of objects and arrays within each other, at most; of an array of numbers it is 1. */
  depth = 0;
  #level = 0;
  /** The last byte was that of a container that began. */
  #isFresh = false;
  #isInText = false;
  #isEscaped = false;

  /** The next bytes, from `start` to `end`. They may be cut anywhere. */
  count(bytes: Buffer, start = 0, end = bytes.length): void {
    let at = start;
    // Of an empty container the end follows its beginning at once.
    if (this.#isFresh && at < end) {
      this.#isFresh = false;
      if (bytes[at] === CLOSE_ARRAY || bytes[at] === CLOSE_OBJECT) this.values--;
    }
    while (at < end) {
      if (this.#isInText) {
        at = this.#endOfText(bytes, at, end);
        continue;
      }
      const byte = bytes[at++] ?? 0;
      if (MATTERS[byte] === 0) continue;
      switch (byte) {
        case QUOTE:
          this.#isInText = true;
          break;
        case COMMA:
          this.values++;
          break;
        case OPEN_ARRAY:
        case OPEN_OBJECT:
          this.values++;
          this.#level++;
          if (this.#level > this.depth) this.depth = this.#level;
          if (at === end) this.#isFresh = true;
          else if (bytes[at] === CLOSE_ARRAY || bytes[at] === CLOSE_OBJECT) this.values--;
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
    this.values++;
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
    this.values = 1;
    this.depth = 0;
    this.#level = 0;
    this.#isFresh = false;
    this.#isInText = false;
    this.#isEscaped = false;
  }

  /** @returns where the text has ended, `end` where it goes on */
  #endOfText(bytes: Buffer, start: number, end: number): number {
    let at = start;
    if (this.#isEscaped) {
      this.#isEscaped = false;
      at++;
    }
    for (let near = NEAR; at < end; ) {
      for (const until = Math.min(end, at + near); at < until; at++) {
        const byte = bytes[at];
        if (byte === QUOTE) {
          this.#isInText = false;
          return at + 1;
        }
        if (byte === BACKSLASH) at++;
      }
      if (at >= end) break;
      const quote = bytes.indexOf(QUOTE, at);
      const stop = quote < 0 || quote > end ? end : quote;
      near = stop - at < near ? Math.min(2 * near, MAX_NEAR) : NEAR;
      // The byte at the stop is escaped: what follows it is still text.
      at = isOdd(bytes, at, stop) ? stop + 1 : stop;
    }
    this.#isEscaped = at > end;
    return end;
  }
}

/** Whether an odd number of backslashes stands before the place, from `start` on: the last one escapes what comes there. */
function isOdd(bytes: Buffer, start: number, place: number): boolean {
  let at = place;
  while (at > start && bytes[at - 1] === BACKSLASH) at--;
  return (place - at) % 2 === 1;
}
