const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;

/** Bytes that a line costs besides its text: the parser joins the data of an event line by line. */
export const LINE_COST = 96;

/** A part of a stream, as far as it is within the bound. */
export interface Counted {
  /** Bytes up to and with the last line end; 0 where there is none. */
  readonly complete: number;
  /** Bytes within the bound; less than there are where the event has grown past it. */
  readonly fit: number;
}

/**
 * Counts what a stream leaves unfinished: an event up to its blank line, a comment up to the end of its line. It counts
 * bytes, and before anything is decoded or parsed, so that an event is bounded alike however its bytes are cut.
 */
export class EventSize {
  readonly #maxBytes: number;
  /** What the lines of the unfinished event cost. */
  #lines = 0;
  /** Bytes of the unfinished line. */
  #line = 0;
  #isComment = false;
  #afterCr = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @param chunk what follows the bytes that were counted before; nothing is to follow where not all of it fits */
  count(chunk: Buffer): Counted {
    // The CR was taken for the end of its line; an LF behind it is the other half.
    let start = this.#afterCr && chunk[0] === LF ? 1 : 0;
    if (chunk.length > 0) this.#afterCr = false;
    let complete = start;
    let cr = chunk.indexOf(CR, start);
    let lf = chunk.indexOf(LF, start);
    for (;;) {
      const end = cr < 0 || (lf >= 0 && lf < cr) ? lf : cr;
      const length = (end < 0 ? chunk.length : end) - start;
      const room = Math.max(0, this.#maxBytes - this.#lines - this.#line);
      if (length > room) return { complete, fit: start + room };
      if (this.#line === 0) this.#isComment = chunk[start] === COLON;
      this.#line += length;
      if (end < 0) return { complete, fit: chunk.length };
      this.#endLine();
      start = end + 1;
      if (end === cr) {
        if (start === chunk.length) this.#afterCr = true;
        else if (chunk[start] === LF) start++;
        cr = chunk.indexOf(CR, start);
      }
      if (lf >= 0 && lf < start) lf = chunk.indexOf(LF, start);
      complete = start;
    }
  }

  #endLine(): void {
    if (this.#line === 0) this.#lines = 0;
    else if (!this.#isComment) this.#lines += this.#line + LINE_COST;
    this.#line = 0;
  }
}
