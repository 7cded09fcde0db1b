import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import Client from 'undici/lib/dispatcher/client.js';
import type { OpenedSocket } from './connector.ts';
import type { Origin } from './origin.ts';

export interface ConnectionOptions {
  /** Counted per pool from 1. */
  readonly id: number;
  readonly origin: Origin;
  readonly opened: OpenedSocket;
  /** Milliseconds after which an idle connection is closed. A server's `Keep-Alive` hint shortens it. */
  readonly idleTimeout: number;
  readonly onClose: (connection: Connection) => void;
}

/** Taken off a server's `Keep-Alive: timeout=` hint: a request must not meet the server's close on its way. */
const KEEP_ALIVE_MARGIN = 1_000;

/**
 * One socket with a known history. undici's `Client` speaks HTTP over it and would connect again by itself when it
 * is lost; here a lost socket is the end of the connection, so that its number, its uses and its rest stay true.
 *
 *     warm (uses 0) --dispatch--> busy --response--> draining --end--> idle --dispatch--> busy ...
 *          any state --close by either side--> closed
 */
export class Connection {
  readonly id: number;
  /** When opening it began and was done. */
  readonly startedAt: number;
  readonly openedAt: number;
  /** Requests it has carried. */
  uses = 0;
  readonly #socket: Socket;
  readonly #client: InstanceType<typeof Client>;
  readonly #guard = () => this.#refuseUnsolicitedBytes();

  constructor({ id, origin, opened, idleTimeout, onClose }: ConnectionOptions) {
    this.id = id;
    this.startedAt = opened.startedAt;
    this.openedAt = opened.openedAt;
    this.#socket = opened.socket;
    let handedOver = false;
    this.#client = new Client(origin.href, {
      // undici resumes its queue after this callback, not during it.
      connect: (_options, callback) =>
        queueMicrotask(() => {
          if (handedOver || this.#socket.destroyed)
            return callback(new Error('the connection is lost'), null);
          handedOver = true;
          this.#socket.off('readable', this.#guard);
          callback(null, this.#socket);
        }),
      allowH2: false,
      pipelining: 1,
      // Every wait of Sluice has one end, set by the request; undici's own (5 minutes) would be a second one.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: Math.max(1, idleTimeout),
      keepAliveMaxTimeout: Math.max(1, idleTimeout),
      keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN,
    });
    this.#socket
      .on('error', () => undefined)
      .once('close', () => {
        void this.#client.destroy();
        onClose(this);
      })
      .on('readable', this.#guard);
    // It may wait for a request a while; that must not keep the process alive.
    this.#socket.unref();
  }

  /** False once either side has closed it. */
  get usable(): boolean {
    return !this.#socket.destroyed && this.#socket.readable && this.#socket.writable;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.uses++;
    this.#socket.ref();
    this.#client.dispatch(options, handler);
  }

  /** At once; a request on it fails. */
  close(): void {
    this.#socket.destroy();
  }

  /**
   * Nobody reads a socket that has not been used, so its end would go unnoticed. Reading is what makes Node report
   * the end; a server that speaks before it is asked is not one to send a request to.
   */
  #refuseUnsolicitedBytes(): void {
    if (this.#socket.read() !== null) this.#socket.destroy();
  }
}
