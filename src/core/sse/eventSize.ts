import { JsonGauge } from '../jsonrpc/jsonGauge.ts';
import type { JsonBound, JsonBounds } from '../jsonrpc/jsonSize.ts';

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const DATA = Buffer.from('data:');

/** Bytes that a line costs besides its text: the parser joins the data of an event line by line. */
export const LINE_COST = 96;

/** A part of a stream, as far as it is within the bound. */
export interface Counted {
  /** Bytes up to and with the last line end; 0 where there is none. */
  readonly complete: number;
  /** Bytes within the bounds; less than there are where the event has grown past one. */
  readonly fit: number;
  /** The bound that the event has grown past; undefined where there is none. */
  readonly exceeded?: 'bytes' | JsonBound;
}

/**
 * Counts what a stream leaves unfinished: an event up to its blank line, a comment up to the end of its line. It counts
 * bytes, and the values that they will become, before anything is decoded or parsed, so that an event is bounded alike
 * however its bytes are cut. Each line of an event counts as a value too. Of its data each is JSON for itself: no text of
 * JSON goes on behind a line's end.
 */
export class EventSize {
  readonly #maxBytes: number;
  readonly #bounds: JsonBounds;
  readonly #json = new JsonGauge();
  /** What the lines of the unfinished event cost. */
  #lines = 0;
  /** Bytes of the unfinished line. */
  #line = 0;
  #isComment = false;
  /** How far the unfinished line begins like one of data; -1 where it does not. */
  #matched = 0;
  /** Nothing has come but what may be a byte order mark. */
  #isStart = true;
  #afterCr = false;

  constructor(maxBytes: number, bounds: JsonBounds) {
    this.#maxBytes = maxBytes;
    this.#bounds = bounds;
  }

  /** Bytes of the unfinished event. */
  get bytes(): number {
    return this.#lines + this.#line;
  }

  /** A line of an event has begun, and the empty line that ends it has not come; a comment is no part of one. */
  get hasEvent(): boolean {
    return this.#lines > 0 || (this.#line > 0 && !this.#isComment);
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
      if (length > room) return { complete, fit: start + room, exceeded: 'bytes' };
      if (this.#line === 0) this.#isComment = chunk[start] === COLON;
      this.#line += length;
      if (!this.#isComment && length > 0) {
        this.#json.count(chunk, this.#data(chunk, start, start + length), start + length);
        const exceeded = this.#json.exceeded(this.#bounds);
        if (exceeded !== undefined) return { complete, fit: start, exceeded };
      }
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

  /** Where the data of a line begin, or go on; `end` where there are none. */
  #data(chunk: Buffer, start: number, end: number): number {
    let at = start;
    while (this.#isStart && at < end)
      if ((chunk[at] ?? 0) < 0x80) this.#isStart = false;
      else at++;
    for (; this.#matched >= 0 && this.#matched < DATA.length && at < end; at++)
      this.#matched = chunk[at] === DATA[this.#matched] ? this.#matched + 1 : -1;
    return this.#matched === DATA.length ? at : end;
  }

  #endLine(): void {
    this.#matched = 0;
    this.#isStart = false;
    if (this.#line === 0) {
      if (this.#lines > 0) this.#json.reset();
      this.#lines = 0;
    } else if (!this.#isComment) {
      this.#lines += this.#line + LINE_COST;
      this.#json.endLine();
    }
    this.#line = 0;
  }
}
