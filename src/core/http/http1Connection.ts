import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import Client from 'undici/lib/dispatcher/client.js';
import type { Connection } from './connection.ts';
import type { OpenedSocket } from './connector.ts';
import type { Origin } from './origin.ts';
import { SerialConnection } from './serialConnection.ts';
import { UnaskedContinue } from './unaskedContinue.ts';

/**
 * One socket with a known history. undici's `Client` speaks HTTP/1.1 over it and would connect again by itself when it
 * is lost; here a lost socket is the end of the connection, so that its number, its uses and its rest stay true.
 *
 *     warm (uses 0) --dispatch--> busy --response--> draining --end--> idle --dispatch--> busy ...
 *          any state --close by either side--> closed
 */
export class Http1Connection extends SerialConnection {
  readonly holdsWorker = true;
  readonly ofDispatcher = false;
  readonly #origin: Origin;
  readonly #opened: OpenedSocket;
  readonly #socket: Socket;
  readonly #client: InstanceType<typeof Client>;
  readonly #interim = new UnaskedContinue();
  readonly #guard = () => this.#refuseUnsolicitedBytes();

  constructor(id: number, origin: Origin, opened: OpenedSocket, onClose: (connection: Connection) => void) {
    const { socket, startedAt, openedAt } = opened;
    // A TLS handshake is received bytes; a plain connection has received none.
    super(id, startedAt, openedAt, origin.secure ? openedAt : Number.NEGATIVE_INFINITY);
    this.#origin = origin;
    this.#opened = opened;
    this.#socket = socket;
    let handedOver = false;
    this.#client = new Client(origin.href, {
      // undici resumes its queue after this callback, not during it.
      connect: (_options, callback) =>
        queueMicrotask(() => {
          if (handedOver || socket.destroyed) return callback(new Error('the connection is lost'), null);
          handedOver = true;
          socket.off('readable', this.#guard);
          passOver(socket, this.#interim);
          callback(null, socket);
        }),
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
      })
      .on('readable', this.#guard);
    // It may wait for a request a while; that must not keep the process alive.
    socket.unref();
  }

  get usable(): boolean {
    return !this.#socket.destroyed && this.#socket.readable && this.#socket.writable;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.uses++;
    this.#interim.expect();
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
    this.hasServed = true;
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

/** What undici reads of a socket has no interim responses in it. */
function passOver(socket: Socket, interim: UnaskedContinue): void {
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => {
    for (;;) {
      const chunk: Buffer | null = read(size);
      const left = chunk === null ? null : interim.strip(chunk);
      if (left === null || left.length > 0) return left;
    }
  };
}

/** Milliseconds: the longest that a timer takes. The pool ends idle connections, by what it learnt. */
const NEVER = 2 ** 31 - 1;
