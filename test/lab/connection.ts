import type { Socket } from 'node:net';

export interface ConnectionEvents {
  /** The client has closed its side: its FIN or RST has arrived. Or the lab itself has broken the connection off. */
  readonly onGone: () => void;
  readonly onClose: () => void;
}

/** One accepted socket, whatever is spoken over it. */
export class Connection {
  readonly number: number;
  readonly tcp: Socket;
  readonly #onGone: () => void;
  readonly #closed = new AbortController();
  #stream: Socket;
  #gone = false;

  constructor(tcp: Socket, number: number, { onGone, onClose }: ConnectionEvents) {
    this.number = number;
    this.tcp = tcp;
    this.#stream = tcp;
    this.#onGone = onGone;
    this.#follow(tcp);
    tcp.once('close', () => {
      this.#stream.destroy();
      this.#closed.abort();
      onClose();
    });
  }

  /** Aborted once the socket is closed on both sides. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  get gone(): boolean {
    return this.#gone;
  }

  /**
   * TLS reads the socket from now on. The socket's own `end` is heard no more then: TLS takes the FIN, and tells it,
   * or the close_notify that clients send with it, as its own `end`.
   */
  secured(tls: Socket): void {
    this.#stream = tls;
    this.#follow(tls);
  }

  reset(): void {
    this.tcp.resetAndDestroy();
  }

  destroy(): void {
    this.tcp.destroy();
  }

  /**
   * The client is gone when it has said so, not when node gets around to `close`: between the two, node answers with a
   * FIN of its own and waits for it to be sent, and a client that has long opened its next socket would seem to hold two.
   */
  #follow(stream: Socket): void {
    stream.once('end', () => this.#leave());
    stream.once('close', () => this.#leave());
    // A client may hang up at any time, and a handshake may be refused: both end in 'close'.
    stream.on('error', () => this.destroy());
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#onGone();
  }
}
