import { STATUS_CODES } from 'node:http';
import { buffersOf, byteLength, END, type Head, isHead, type Part, Reply } from './reply.ts';

const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** The connection as its replies use it. */
export interface Http1Writer {
  readonly closed: AbortSignal;
  /** In one write to the socket. */
  write(buffers: readonly Buffer[]): Promise<void>;
  setNoDelay(noDelay: boolean): void;
  end(): void;
  reset(): void;
  endWhenIdle(ms: number): void;
}

export class Http1Reply extends Reply {
  readonly httpVersion = '1.1';
  readonly #connection: Http1Writer;
  #chunked = false;

  constructor(connection: Http1Writer) {
    super();
    this.#connection = connection;
  }

  override get closed(): AbortSignal {
    return this.#connection.closed;
  }

  override write(...parts: readonly Part[]): Promise<void> {
    const buffers = parts.flatMap((part) => this.#encode(part));
    return buffers.length === 0 ? Promise.resolve() : this.#connection.write(buffers);
  }

  /** In two writes, the first of so many bytes: cut anywhere, within the head too. */
  async writeInTwo(first: number, ...parts: readonly Part[]): Promise<void> {
    const bytes = Buffer.concat(parts.flatMap((part) => this.#encode(part)));
    await this.#connection.write([bytes.subarray(0, first)]);
    await this.#connection.write([bytes.subarray(first)]);
  }

  override hangUp(): void {
    this.#connection.end();
  }

  override reset(): void {
    this.#connection.reset();
  }

  /** Leaves Nagle's algorithm on for this exchange: a second small write then waits for the first one's ACK. */
  nagle(): void {
    this.#connection.setNoDelay(false);
  }

  /** FIN once the connection has carried no request for `ms` milliseconds. */
  endWhenIdle(ms: number): void {
    this.#connection.endWhenIdle(ms);
  }

  #encode(part: Part): readonly Buffer[] {
    if (isHead(part)) return [this.#encodeHead(part)];
    if (part === END) return this.#chunked ? [LAST_CHUNK] : [];
    const buffers = buffersOf(part);
    const size = byteLength(buffers);
    // A chunk of no bytes would be the last one.
    if (!this.#chunked || size === 0) return buffers;
    return [Buffer.from(`${size.toString(16)}\r\n`), ...buffers, Buffer.from('\r\n')];
  }

  #encodeHead({ status, headers }: Head): Buffer {
    this.#chunked = !('Content-Length' in headers);
    const framing = this.#chunked ? { 'Transfer-Encoding': 'chunked' } : {};
    const lines = Object.entries({ ...headers, ...framing }).map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n${lines.join('')}\r\n`);
  }
}
