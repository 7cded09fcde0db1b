import type { SluiceError } from '../errors.ts';
import type { Connection, Opening } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { tooManyStreams } from './poolFailure.ts';

/** Long-lived streams: each has a connection of its own, which has no share in the cap on calls and carries nothing else. */
export class StreamLane {
  readonly #streams = new Map<Connection, Exchange>();
  readonly #open: (opening: Opening) => Promise<Connection>;
  readonly #signal: AbortSignal;
  #opening = 0;

  constructor(open: (opening: Opening) => Promise<Connection>, signal: AbortSignal) {
    this.#open = open;
    this.#signal = signal;
  }

  get isEmpty(): boolean {
    return this.#streams.size === 0;
  }

  has(connection: Connection): boolean {
    return this.#streams.has(connection);
  }

  /** @param most connections that there may be with this one */
  async dispatch(exchange: Exchange, most: number): Promise<void> {
    if (this.#streams.size + this.#opening >= most) {
      queueMicrotask(() => exchange.fail(tooManyStreams(most)));
      return;
    }
    this.#opening++;
    try {
      const connection = await this.#open({
        signal: this.#signal,
        onClose: (lost) => this.#streams.delete(lost),
      });
      if (!exchange.isWaiting) return connection.close();
      this.#streams.set(connection, exchange);
      exchange.assign(connection);
    } catch (error) {
      exchange.fail(error as SluiceError);
    } finally {
      this.#opening--;
    }
  }

  /** Ends the streams that have a place, so that others may have it. */
  giveWay(error: SluiceError): void {
    for (const exchange of [...this.#streams.values()]) if (exchange.isSent) exchange.abort(error);
  }

  close(error: SluiceError): void {
    for (const [connection, exchange] of [...this.#streams]) {
      exchange.abort(error);
      connection.close();
    }
  }
}
