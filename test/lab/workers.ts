import type { Connection } from './connection.ts';

/**
 * What serves the accepted sockets, where a server has only so many workers or threads: each takes the socket that has
 * waited longest, and nothing else until that one is closed, whether anything comes on it or not.
 */
export class Workers {
  readonly #waiting: { readonly connection: Connection; readonly serve: () => void }[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** Serves the socket at once, or when a worker is free. */
  take(connection: Connection, serve: () => void): void {
    this.#waiting.push({ connection, serve });
    this.#next();
  }

  #next(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#free > 0; next = this.#waiting[0]) {
      this.#waiting.shift();
      const { connection, serve } = next;
      // Broken off while it waited.
      if (connection.closed.aborted) continue;
      this.#free -= 1;
      connection.closed.addEventListener('abort', () => {
        this.#free += 1;
        this.#next();
      });
      serve();
    }
  }
}
