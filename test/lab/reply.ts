import { STATUS_CODES } from 'node:http';
import type { Connection } from './connection.ts';

export type Bytes = string | Buffer;

/** The chunk that ends a chunked body. */
export const LAST_CHUNK = '0\r\n\r\n';

/** One chunk of a chunked body. */
export function chunk(bytes: Bytes): Buffer {
  const body = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
}

/** The writing side of one exchange. What a mode writes is what goes over the wire, write by write. */
export class Reply {
  /** Sent with whatever status the exchange ends in: the session, and what a mode adds. */
  readonly headers = new Map<string, string>();
  readonly #connection: Connection;
  #opened = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Aborted when the client's connection is gone. */
  get closed(): AbortSignal {
    return this.#connection.closed;
  }

  /** True once the head of the response was handed out. */
  get opened(): boolean {
    return this.#opened;
  }

  /** One write to the socket, whatever the number of parts. Resolves when the kernel has it, or the socket is gone. */
  write(...parts: Bytes[]): Promise<void> {
    const bytes = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
    return bytes.length === 0 ? Promise.resolve() : this.#connection.write(bytes);
  }

  head(status: number, headers: Readonly<Record<string, string>> = {}): string {
    this.#opened = true;
    const lines = [...Object.entries(headers), ...this.headers].map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n${lines.join('')}\r\n`;
  }

  /** The head of an event stream; empty where it was sent already, with a notification ahead of the response. */
  opening(headers: Readonly<Record<string, string>> = {}): string {
    if (this.#opened) return '';
    return this.head(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache',
      'Transfer-Encoding': 'chunked',
      ...headers,
    });
  }

  /** Leaves Nagle's algorithm on for this exchange: a second small write then waits for the first one's ACK. */
  nagle(): void {
    this.#connection.setNoDelay(false);
  }

  /** FIN, after what was written. */
  end(): void {
    this.#connection.end();
  }

  /** RST. What the kernel has not sent yet is lost. */
  reset(): void {
    this.#connection.reset();
  }

  /** FIN once the connection has carried no request for `ms` milliseconds. */
  endWhenIdle(ms: number): void {
    this.#connection.endWhenIdle(ms);
  }
}
