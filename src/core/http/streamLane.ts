import type { SluiceError } from '../errors.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Connection, Opening } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { TAKEN_WITHIN } from './idleConnections.ts';
import { tooManyStreams } from './poolFailure.ts';

/** Long-lived streams: each has a connection of its own, which has no share in the cap on calls and carries nothing else. */
export class StreamLane {
  readonly #streams = new Map<Connection, Exchange>();
  readonly #open: (opening: Opening) => Promise<Connection>;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  #opening = 0;
  /** Opened for a stream that is about to begin; undefined once one has taken it, or none came in time. */
  #expected:
    | { readonly connection: Promise<Connection | undefined>; readonly cancel: () => void }
    | undefined;

  constructor(open: (opening: Opening) => Promise<Connection>, signal: AbortSignal, clock: Clock) {
    this.#open = open;
    this.#signal = signal;
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#streams.size === 0;
  }

  has(connection: Connection): boolean {
    return this.#streams.has(connection);
  }

  /** Opens a connection for a stream that begins in a moment; where none has within a second, it is closed. */
  expect(): void {
    if (this.#expected !== undefined) return;
    // The stream itself finds out why none can be opened.
    const connection = this.#openOne().catch(() => undefined);
    const cancel = this.#clock.schedule(TAKEN_WITHIN, () => this.#closeExpected());
    this.#expected = { connection, cancel };
  }

  /** @param most connections that there may be with this one */
  async dispatch(exchange: Exchange, most: number): Promise<void> {
    if (this.#streams.size + this.#opening >= most) {
      queueMicrotask(() => exchange.fail(tooManyStreams(most)));
      return;
    }
    this.#opening++;
    try {
      const ready = await this.#takeExpected();
      const connection = ready?.usable === true ? ready : await this.#openOne();
      if (!exchange.isWaiting) return connection.close();
      this.#streams.set(connection, exchange);
      exchange.assign(connection);
    } catch (error) {
      exchange.fail(error as SluiceError);
    } finally {
      this.#opening--;
    }
  }

  #openOne(): Promise<Connection> {
    return this.#open({ signal: this.#signal, onClose: (lost) => this.#streams.delete(lost) });
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
    this.#closeExpected();
  }

  #takeExpected(): Promise<Connection | undefined> | undefined {
    const expected = this.#expected;
    this.#expected = undefined;
    expected?.cancel();
    return expected?.connection;
  }

  #closeExpected(): void {
    void this.#takeExpected()?.then((connection) => connection?.close());
  }
}
