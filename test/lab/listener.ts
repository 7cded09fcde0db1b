import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import type { Serve } from './arrival.ts';
import { Connection } from './connection.ts';
import { Http1Connection } from './http1Connection.ts';
import { Http2Connection } from './http2Connection.ts';
import type { Ledger } from './ledger.ts';
import type { HttpVersion } from './reply.ts';
import type { LabTls } from './tls.ts';
import { Workers } from './workers.ts';

export interface ListenerOptions {
  readonly tls: LabTls | undefined;
  /** What is offered by ALPN, the preferred one first; without TLS it is HTTP/1.1 alone. */
  readonly versions: readonly HttpVersion[];
  readonly maxConcurrentStreams: number | undefined;
  /** 0 is any that is free. */
  readonly port: number;
  /** Sees each socket before anything is read from it, and may break it off. */
  readonly onAccept: ((socket: Socket) => void) | undefined;
  /** How many sockets are served at one time. */
  readonly workers: number;
  readonly ledger: Ledger;
  readonly serve: Serve;
}

const ALPN: Readonly<Record<HttpVersion, string>> = { '1.1': 'http/1.1', '2': 'h2' };

/** Accepts sockets on a free port of 127.0.0.1, and speaks on each what the client chose. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #tcp: Server;
  readonly #tls: TlsServer | undefined;
  readonly #connections = new Set<Connection>();
  readonly #workers: Workers;
  /** By the client's port: node does not tell which socket a TLS session runs over. */
  readonly #shakingHands = new Map<number | undefined, Connection>();
  #port: number;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#workers = new Workers(options.workers);
    this.#tls = options.tls && this.#createTls(options.tls);
    this.#tcp = createTcpServer((socket) => this.#accept(socket));
  }

  get origin(): string {
    return `${this.#tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.#port}`;
  }

  /** After a `close` it is the same port again. */
  async listen(): Promise<void> {
    this.#tcp.listen(this.#port, '127.0.0.1');
    await once(this.#tcp, 'listening');
    this.#port = (this.#tcp.address() as AddressInfo).port;
  }

  disconnect(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  async close(): Promise<void> {
    const closed = this.#tcp.listening ? once(this.#tcp, 'close') : undefined;
    this.#tcp.close();
    this.disconnect();
    await closed;
  }

  /** Never listens itself: sockets are handed to it once they are counted. One for all, so that TLS sessions resume. */
  #createTls({ key, cert, ca, requestClientCert }: LabTls): TlsServer {
    const clients = requestClientCert === 'required' && { ca, requestCert: true, rejectUnauthorized: true };
    const ALPNProtocols = this.#options.versions.map((version) => ALPN[version]);
    const server = createTlsServer({ key, cert, ALPNProtocols, ...clients });
    return server.on('secureConnection', (socket) => this.#secured(socket));
  }

  #accept(socket: Socket): void {
    const { ledger, serve } = this.#options;
    const number = ledger.accepted();
    const connection = new Connection(socket, number, {
      onGone: () => ledger.closed(number),
      onClose: () => {
        this.#connections.delete(connection);
        this.#shakingHands.delete(remotePort);
      },
    });
    const { remotePort } = socket;
    this.#connections.add(connection);
    this.#options.onAccept?.(socket);
    // The client's last socket may have ended before this one was opened, and node may read that later. What the kernel
    // had when this socket was accepted is read by the end of the event loop's next round: the second immediate from here.
    setImmediate(() => setImmediate(() => ledger.settled(number)));
    this.#workers.take(connection, () => {
      if (this.#tls === undefined) {
        new Http1Connection(connection, socket, serve);
      } else {
        this.#shakingHands.set(remotePort, connection);
        this.#tls.emit('connection', socket);
      }
    });
  }

  #secured(socket: TLSSocket): void {
    const connection = this.#shakingHands.get(socket.remotePort);
    this.#shakingHands.delete(socket.remotePort);
    if (connection === undefined) return;
    const { serve, maxConcurrentStreams, ledger, versions } = this.#options;
    connection.secured(socket);
    if (socket.alpnProtocol === ALPN['2']) {
      const onStreamReset = () => ledger.streamReset();
      new Http2Connection(connection, socket, { serve, maxConcurrentStreams, onStreamReset });
    } else if (versions.includes('1.1')) {
      new Http1Connection(connection, socket, serve);
    } else {
      // A client without ALPN means HTTP/1.1.
      connection.destroy();
    }
  }
}
