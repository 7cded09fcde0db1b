import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import Client from 'undici/lib/dispatcher/client.js';
import type { Connection, OpenConnection } from './connection.ts';
import type { Connector, OpenedSocket } from './connector.ts';
import type { Origin } from './origin.ts';

/** Streams of one HTTP/2 connection: what servers allow at least (RFC 9113, 6.5.2); undici queues what is too many. */
const MAX_STREAMS = 100;

/** undici asks for a second socket where a first one was lost; what it had in hand then was not processed. */
export const SPENT = 'SLUICE_CONNECTION_SPENT';

/** Connections over sockets that `connector` opens. */
export function socketConnections(origin: Origin, connector: Connector): OpenConnection {
  return async (id, { signal, onClose }) => {
    const opened = await connector(signal);
    return new SocketConnection(id, origin, opened, onClose);
  };
}

/**
 * One socket with a known history. undici's `Client` speaks HTTP over it and would connect again by itself when it
 * is lost; here a lost socket is the end of the connection, so that its number, its uses and its rest stay true.
 *
 *     warm (uses 0) --dispatch--> busy --response--> draining --end--> idle --dispatch--> busy ...
 *          any state --close by either side--> closed
 */
class SocketConnection implements Connection {
  readonly id: number;
  readonly startedAt: number;
  readonly openedAt: number;
  readonly capacity: number;
  readonly httpVersion: '1.1' | '2';
  readonly ofDispatcher = false;
  uses = 0;
  restingSince: number;
  readonly #origin: Origin;
  readonly #opened: OpenedSocket;
  readonly #socket: Socket;
  readonly #client: InstanceType<typeof Client>;
  /** The server takes no more requests on it; streams that it carries may go on (RFC 9113, 6.8). */
  #spent = false;
  readonly #guard = () => this.#refuseUnsolicitedBytes();

  constructor(id: number, origin: Origin, opened: OpenedSocket, onClose: (connection: Connection) => void) {
    const { socket, startedAt, openedAt, httpVersion } = opened;
    this.id = id;
    this.startedAt = startedAt;
    this.openedAt = openedAt;
    this.httpVersion = httpVersion;
    this.capacity = httpVersion === '2' ? MAX_STREAMS : 1;
    // A TLS handshake is received bytes; a plain connection has received none.
    this.restingSince = origin.secure ? openedAt : Number.NEGATIVE_INFINITY;
    this.#origin = origin;
    this.#opened = opened;
    this.#socket = socket;
    let handedOver = false;
    this.#client = new Client(origin.href, {
      // undici resumes its queue after this callback, not during it.
      connect: (_options, callback) =>
        queueMicrotask(() => {
          if (handedOver || socket.destroyed) {
            this.#spent = true;
            return callback(Object.assign(new Error('the connection is lost'), { code: SPENT }), null);
          }
          handedOver = true;
          socket.off('readable', this.#guard);
          callback(null, socket);
        }),
      allowH2: httpVersion === '2',
      ...(httpVersion === '2' ? { h2Options: { maxConcurrentStreams: MAX_STREAMS, pingInterval: 0 } } : {}),
      pipelining: 1,
      // Every wait of Sluice has one end, set by the request or by the pool; undici's own would be a second one.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: NEVER,
      keepAliveMaxTimeout: NEVER,
      keepAliveTimeoutThreshold: 0,
    });
    socket
      .on('error', () => undefined)
      .once('close', () => {
        void this.#client.destroy();
        onClose(this);
      });
    // An HTTP/2 server speaks first; its bytes are undici's to read.
    if (httpVersion === '1.1') socket.on('readable', this.#guard);
    // It may wait for a request a while; that must not keep the process alive.
    socket.unref();
  }

  get usable(): boolean {
    return !this.#spent && !this.#socket.destroyed && this.#socket.readable && this.#socket.writable;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.uses++;
    this.#socket.ref();
    const { absoluteForm } = this.#opened;
    this.#client.dispatch(
      absoluteForm === undefined
        ? options
        : {
            ...options,
            path: `${this.#origin.href}${options.path}`,
            headers: { ...(options.headers as Record<string, string>), ...absoluteForm.headers },
          },
      handler,
    );
  }

  received(now: number): void {
    this.restingSince = now;
  }

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

/** Milliseconds: the longest that a timer takes. The pool ends idle connections, by what it learnt. */
const NEVER = 2 ** 31 - 1;
