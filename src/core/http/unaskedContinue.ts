/** Bytes of one of them, and how many there may be before a response. */
const MAX_BYTES = 16 * 1024;
const MAX_INTERIM = 16;

/** Where the status of a response stands, and how that of an interim one begins. */
const STATUS = 'HTTP/1.1 '.length;
const ONE = 0x31;

const EMPTY: Buffer = Buffer.alloc(0);
const END = '\r\n\r\n';

/**
 * Passes over `100 Continue` before a response. "A client MUST be able to parse one or more 1xx responses received prior to a
 * final response, even if the client does not expect one" (RFC 9110, 15.2), and undici takes this one for a fault.
 */
export class UnaskedContinue {
  /** A request was written, and the response to it has not begun. */
  #isExpected = false;
  #held: Buffer = EMPTY;
  #passed = 0;

  /** A request goes out: what is read next may be one. */
  expect(): void {
    this.#isExpected = true;
    this.#held = EMPTY;
    this.#passed = 0;
  }

  /** @returns what is left of the bytes: nothing, while it may be an interim response that is not complete */
  strip(chunk: Buffer): Buffer {
    if (!this.#isExpected) return chunk;
    // Most are a final response, and that shows in one byte of its status.
    if (this.#held.length === 0 && chunk.length > STATUS && chunk[STATUS] !== ONE) return this.#over(chunk);
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = EMPTY;
    while (bytes.length > 0) {
      if (!beginsInterim(bytes) || this.#passed === MAX_INTERIM) return this.#over(bytes);
      const end = bytes.indexOf(END);
      if (end < 0) {
        if (bytes.length > MAX_BYTES) return this.#over(bytes);
        this.#held = bytes;
        return EMPTY;
      }
      this.#passed++;
      bytes = bytes.subarray(end + END.length);
    }
    return EMPTY;
  }

  #over(bytes: Buffer): Buffer {
    this.#isExpected = false;
    return bytes;
  }
}

/** Whether the bytes are the beginning of one, or may become it. */
function beginsInterim(bytes: Buffer): boolean {
  return /^HTTP\/1\.[01] 100(?:[ \r]|$)/.test(bytes.toString('latin1', 0, 13)) || isPrefix(bytes);
}

function isPrefix(bytes: Buffer): boolean {
  const text = bytes.toString('latin1', 0, 13);
  return text.length < 12 && ['HTTP/1.0 100', 'HTTP/1.1 100'].some((line) => line.startsWith(text));
}
