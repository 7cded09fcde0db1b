export type HttpVersion = '1.1' | '2';

/** The head of a response, made by `Reply.head` or `Reply.opening`. */
export interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The end of a body. */
export const END = Symbol('the end of the body');

/** A piece of the body; where it is large, in several buffers, so that nobody has to copy them into one. */
export type Piece = string | Buffer | readonly Buffer[];

/** A head, a piece of the body, or its end. An absent part writes nothing. */
export type Part = Head | Piece | typeof END | undefined;

export function isHead(part: Part): part is Head {
  return typeof part === 'object' && 'status' in part;
}

/** The bytes of a piece; none of a part that is no piece. */
export function buffersOf(part: Part): readonly Buffer[] {
  if (typeof part === 'string') return [Buffer.from(part)];
  if (Buffer.isBuffer(part)) return [part];
  return typeof part === 'object' && !isHead(part) ? part : [];
}

export function byteLength(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, { length }) => sum + length, 0);
}

/**
 * The writing side of one exchange, whatever version of HTTP carries it. A mode decides what goes in one write, and
 * when; the version decides how it is framed.
 */
export abstract class Reply {
  abstract readonly httpVersion: HttpVersion;
  /** Sent with whatever status the exchange ends in: the session, and what a mode adds. */
  readonly headers = new Map<string, string>();
  #opened = false;

  /** Aborted when nothing can be said any more: HTTP/1.1: the connection is gone; HTTP/2: the stream is closed. */
  abstract get closed(): AbortSignal;

  /**
   * One write, whatever the number of parts. Over HTTP/1.1 that is one write to the socket, and a body without a
   * Content-Length is chunked, a chunk for each piece. Resolves when the kernel has it, or nobody wants it any more.
   */
  abstract write(...parts: readonly Part[]): Promise<void>;

  /** Goes without an answer, or without the rest of it. HTTP/1.1: FIN, after what was written. HTTP/2: RST_STREAM. */
  abstract hangUp(): void;

  /** HTTP/1.1: RST, and what the kernel has not sent yet is lost. HTTP/2: RST_STREAM. */
  abstract reset(): void;

  /** True once the head of the response was handed out. */
  get opened(): boolean {
    return this.#opened;
  }

  head(status: number, headers: Readonly<Record<string, string>> = {}): Head {
    this.#opened = true;
    return { status, headers: { ...headers, ...Object.fromEntries(this.headers) } };
  }

  /** The head of an event stream; absent where it was sent already, with a notification ahead of the response. */
  opening(headers: Readonly<Record<string, string>> = {}): Head | undefined {
    if (this.#opened) return undefined;
    return this.head(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache', ...headers });
  }
}
