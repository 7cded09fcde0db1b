import { COST, type JsonBound, type JsonBounds, JsonSize } from './jsonSize.ts';

/** What one byte costs at most, in `COST`: where it ends a name that is new, of which each character costs as well. */
const MOST_A_BYTE = COST.newName + COST.nameCharacter + 1;
/** Bytes that are kept, to be weighed if more come. Where there are more, weighing costs little beside parsing. */
const MOST_KEPT = 16 * 1024;
/** Pieces of them: each keeps what it was cut from. */
const MOST_PIECES = 64;
const OPEN_OBJECT = 0x7b;
/** The bit by which `{` differs from `[`. */
const LOWER_CASE = 0x20;

interface Piece {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** A line ended behind it. */
  endsLine: boolean;
}

/**
 * Says whether a JSON text is over its bounds, while its bytes come in. Most are so short that they cannot be, whatever they say:
 * only others are weighed.
 */
export class JsonGauge {
  /** What has come while it need not be weighed. */
  #pieces: Piece[] = [];
  /** Its bytes and line ends. */
  #length = 0;
  /** Of an object or an array; within texts too. */
  #openings = 0;
  #size: JsonSize | undefined;

  /** The next bytes, from `start` to `end`. They may be cut anywhere, and are not to change until `reset`. */
  count(bytes: Buffer, start = 0, end = bytes.length): void {
    if (this.#size !== undefined) return this.#size.count(bytes, start, end);
    this.#pieces.push({ bytes, start, end, endsLine: false });
    this.#length += end - start;
    if (this.#length > MOST_KEPT || this.#pieces.length > MOST_PIECES) this.#weigh();
    else this.#openings += openingsIn(bytes, start, end);
  }

  /** A line has ended: no text of JSON goes on behind a line end. */
  endLine(): void {
    if (this.#size !== undefined) return this.#size.endLine();
    this.#length++;
    const last = this.#pieces.at(-1);
    if (last !== undefined) last.endsLine = true;
  }

  /** The bound that the text is over already; undefined while there is none. */
  exceeded(bounds: JsonBounds): JsonBound | undefined {
    if (this.#size === undefined) {
      const most = ((this.#length + 1) * MOST_A_BYTE) / COST.value;
      if (most <= bounds.maxValues && this.#openings <= bounds.maxDepth) return undefined;
    }
    return this.#weigh().exceeded(bounds);
  }

  /** Another text begins. */
  reset(): void {
    this.#size = undefined;
    this.#forget();
  }

  #weigh(): JsonSize {
    if (this.#size !== undefined) return this.#size;
    const size = new JsonSize();
    for (const { bytes, start, end, endsLine } of this.#pieces) {
      size.count(bytes, start, end);
      if (endsLine) size.endLine();
    }
    this.#forget();
    this.#size = size;
    return size;
  }

  #forget(): void {
    if (this.#pieces.length > 0) this.#pieces = [];
    this.#length = 0;
    this.#openings = 0;
  }
}

function openingsIn(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if (((bytes[at] ?? 0) | LOWER_CASE) === OPEN_OBJECT) count++;
  return count;
}
