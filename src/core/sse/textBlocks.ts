import { isUtf8 } from 'node:buffer';
import { invalidUtf8 } from './invalidUtf8.ts';

/** Bytes of the first block: most texts that come in two chunks are short. */
const FIRST_BLOCK = 4 * 1024;
const BLOCK = 64 * 1024;
/** Bytes of a block of a large text: Node keeps such strings outside of V8's heap, where they are given back sooner. */
const LARGE_BLOCK = 1024 * 1024;
/** Bytes from which on a text is large. */
const LARGE_TEXT = 2 * LARGE_BLOCK;

/**
 * Bytes in, text out, where a text may come in chunks of any size: the bytes gather in a block and are decoded when it is
 * full. So neither a byte at a time nor 50 MB cost more than one copy, and no chunk is kept, which may be a few bytes of a
 * large read. Where the bytes are cut makes no difference, not to characters and not to invalid bytes either.
 */
export class TextBlocks {
  readonly #onText: (text: string, invalidBytes: number) => void;
  #block: Buffer | undefined;
  /** Bytes in the block. */
  #held = 0;
  /** Bytes of this text that were in the blocks before. */
  #before = 0;

  /** @param onText gets the text in parts, none of which ends within a character, and how many of its bytes were not UTF-8 */
  constructor(onText: (text: string, invalidBytes: number) => void) {
    this.#onText = onText;
  }

  /** Bytes that can wait for those that follow. */
  hold(bytes: Buffer): void {
    for (let from = 0; from < bytes.length; ) {
      this.#block ??= Buffer.allocUnsafe(FIRST_BLOCK);
      const copied = bytes.copy(this.#block, this.#held, from);
      from += copied;
      this.#held += copied;
      if (this.#held === this.#block.length) this.#passFull(this.#block);
    }
  }

  /** The last bytes of a text: what is held is decoded, and these after it. */
  end(bytes: Buffer): void {
    // Most texts come in one chunk.
    if (this.#block === undefined) return this.#pass(bytes);
    this.hold(bytes);
    this.#pass(this.#block.subarray(0, this.#held));
    this.#block = undefined;
    this.#held = 0;
    this.#before = 0;
  }

  #pass(bytes: Buffer): void {
    const text = bytes.toString('utf8');
    // What was not UTF-8 shows in the text; looking for it there costs nothing where all of it is ASCII.
    const mayBe = text.includes('\ufffd') && !isUtf8(bytes);
    this.#onText(text, mayBe ? invalidUtf8(bytes) : 0);
  }

  #passFull(block: Buffer): void {
    const end = endOfCharacters(block);
    this.#before += end;
    this.#pass(block.subarray(0, end));
    const size = this.#before < LARGE_TEXT ? BLOCK : LARGE_BLOCK;
    this.#block = block.length === size ? block : Buffer.allocUnsafeSlow(size);
    this.#held = block.copy(this.#block, 0, end);
  }
}

/** Where both sides of a cut decode as the whole does: before a byte that begins a longer character, if one is near the end. */
function endOfCharacters(bytes: Buffer): number {
  for (let end = bytes.length - 1; end >= bytes.length - 3; end--) {
    const byte = bytes[end] ?? 0;
    if (byte >= 0xc0) return end;
    if (byte < 0x80) break;
  }
  return bytes.length;
}
