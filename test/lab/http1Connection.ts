import type { Socket } from 'node:net';
import type { Serve } from './arrival.ts';
import type { Connection } from './connection.ts';
import { Http1Reply, type Http1Writer } from './http1Reply.ts';
import { type HttpRequest, RequestReader } from './httpRequest.ts';
import { writeAtOnce } from './writeAtOnce.ts';

/** HTTP/1.1 over an accepted socket: its requests, in order, and the only place that writes to it. */
export class Http1Connection implements Http1Writer {
  readonly #connection: Connection;
  /** The socket itself, or TLS over it. */
  readonly #stream: Socket;
  readonly #serve: Serve;
  readonly #reader = new RequestReader();
  readonly #queue: HttpRequest[] = [];
  #served = 0;
  #serving = false;
  #idleMs: number | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(connection: Connection, stream: Socket, serve: Serve) {
    this.#connection = connection;
    this.#stream = stream;
    this.#serve = serve;
    stream.on('data', (bytes: Buffer) => this.#read(bytes));
    connection.closed.addEventListener('abort', () => clearTimeout(this.#idleTimer));
  }

  get closed(): AbortSignal {
    return this.#connection.closed;
  }

  write(buffers: readonly Buffer[]): Promise<void> {
    return new Promise((resolve) => {
      writeAtOnce(this.#stream, buffers, resolve);
    });
  }

  setNoDelay(noDelay: boolean): void {
    this.#connection.tcp.setNoDelay(noDelay);
  }

  end(): void {
    this.#stream.end();
  }

  reset(): void {
    this.#connection.reset();
  }

  endWhenIdle(ms: number): void {
    this.#idleMs = ms;
  }

  #read(bytes: Buffer): void {
    clearTimeout(this.#idleTimer);
    try {
      this.#queue.push(...this.#reader.read(bytes));
    } catch (error) {
      this.#stream.end(`HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n${String(error)}`);
      return;
    }
    if (!this.#serving) void this.#serveQueue();
  }

  async #serveQueue(): Promise<void> {
    this.#serving = true;
    for (let request = this.#queue.shift(); request !== undefined; request = this.#queue.shift()) {
      this.setNoDelay(true);
      this.#served += 1;
      const { number: socket } = this.#connection;
      await this.#serve({ request, socket, nth: this.#served, reply: new Http1Reply(this) });
    }
    this.#serving = false;
    if (this.#idleMs !== undefined && !this.closed.aborted) {
      this.#idleTimer = setTimeout(() => this.end(), this.#idleMs);
    }
  }
}
