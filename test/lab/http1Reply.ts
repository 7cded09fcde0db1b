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
  #cutsHead = false;

  constructor(connection: Http1Writer) {
    super();
    this.#connection = connection;
  }

  override get closed(): AbortSignal {
    return this.#connection.closed;
  }

  override async write(...parts: readonly Part[]): Promise<void> {
    const [first, ...others] = parts.flatMap((part) => this.#encode(part));
    if (first === undefined) return;
    if (!this.#cutsHead || !parts.some(isHead)) return this.#connection.write([first, ...others]);
    const end = first.indexOf('\n') + 1;
    await this.#connection.write([first.subarray(0, end)]);
    await this.#connection.write([first.subarray(end), ...others]);
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

  /** The status line goes in a write of its own, before the rest of the head and what comes with it. */
  cutHead(): void {
    this.#cutsHead = true;
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
