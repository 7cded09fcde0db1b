import type { Dispatcher } from 'undici';
import type { Connection, OpenConnection } from './connection.ts';
import { SerialConnection } from './serialConnection.ts';

/** What a caller may bring instead of sockets of ours: any undici dispatcher. It stays the caller's to close. */
export type RequestDispatcher = Pick<Dispatcher, 'dispatch'>;

/**
 * Connections that are places in a caller's dispatcher. It keeps its own sockets, proxy and TLS; around it stay the cap
 * on requests at once, the queue, settling at the response and the drain.
 */
export function dispatcherConnections(
  dispatcher: RequestDispatcher,
  origin: string,
  now: () => number,
): OpenConnection {
  return async (id, { onClose }) => new DispatcherConnection(id, dispatcher, origin, now(), onClose);
}

class DispatcherConnection extends SerialConnection {
  readonly holdsWorker = false;
  readonly ofDispatcher = true;
  usable = true;
  readonly #dispatcher: RequestDispatcher;
  readonly #origin: string;
  readonly #onClose: (connection: Connection) => void;

  constructor(
    id: number,
    dispatcher: RequestDispatcher,
    origin: string,
    now: number,
    onClose: (connection: Connection) => void,
  ) {
    // Which socket a request gets is the dispatcher's choice: nothing is known of its rest.
    super(id, now, now, Number.NEGATIVE_INFINITY);
    this.#dispatcher = dispatcher;
    this.#origin = origin;
    this.#onClose = onClose;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.uses++;
    this.#dispatcher.dispatch({ ...options, origin: this.#origin }, handler);
  }

  received(): void {
    this.hasServed = true;
  }

  close(): void {
    if (!this.usable) return;
    this.usable = false;
    queueMicrotask(() => this.#onClose(this));
  }
}
