import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type HttpRequest, RequestReader } from './httpRequest.ts';
import type { TlsIdentity } from './tls.ts';

export interface ConnectionOptions {
  readonly number: number;
  readonly tls: TlsIdentity | undefined;
  /** Answers one request; the next one of the same connection waits for it. */
  readonly serve: (request: HttpRequest, nth: number, connection: Connection) => Promise<void>;
  readonly onClose: () => void;
}

/** One accepted socket: its requests, in order, and the only place that writes to it. */
export class Connection {
  readonly number: number;
  readonly #tcp: Socket;
  readonly #stream: Socket;
  readonly #closed = new AbortController();
  readonly #serve: ConnectionOptions['serve'];
  readonly #reader = new RequestReader();
  readonly #queue: HttpRequest[] = [];
  #served = 0;
  #serving = false;
  #idleMs: number | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(tcp: Socket, { number, tls, serve, onClose }: ConnectionOptions) {
    this.number = number;
    this.#serve = serve;
    this.#tcp = tcp;
    this.#stream =
      tls === undefined ? tcp : new TLSSocket(tcp, { isServer: true, key: tls.key, cert: tls.cert });
    // A client may hang up at any time, and a handshake may be refused: both end in 'close'.
    for (const socket of new Set([this.#tcp, this.#stream])) socket.on('error', () => this.destroy());
    this.#stream.on('data', (bytes: Buffer) => this.#read(bytes));
    this.#tcp.once('close', () => {
      clearTimeout(this.#idleTimer);
      this.#stream.destroy();
      this.#closed.abort();
      onClose();
    });
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  write(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#stream.write(bytes, () => resolve());
    });
  }

  setNoDelay(noDelay: boolean): void {
    this.#tcp.setNoDelay(noDelay);
  }

  end(): void {
    this.#stream.end();
  }

  reset(): void {
    this.#tcp.resetAndDestroy();
  }

  destroy(): void {
    this.#tcp.destroy();
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
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.setNoDelay(true);
      this.#served += 1;
      await this.#serve(next, this.#served, this);
    }
    this.#serving = false;
    if (this.#idleMs !== undefined && !this.closed.aborted) {
      this.#idleTimer = setTimeout(() => this.end(), this.#idleMs);
    }
  }
}
