import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Serve } from './arrival.ts';
import type { Connection } from './connection.ts';
import { Http2Reply } from './http2Reply.ts';
import type { HttpRequest } from './httpRequest.ts';

export interface Http2Options {
  readonly serve: Serve;
  readonly maxConcurrentStreams: number | undefined;
  /** The client gave a stream up with RST_STREAM. */
  readonly onStreamReset: () => void;
}

/**
 * As many RST_STREAMs as the client likes. By default node's server closes a connection after a thousand in a burst
 * and 33 a second (the defence against "rapid reset"), which a run of many thousand calls over hold-open would meet.
 */
const ANY_NUMBER_OF_RESETS = { streamResetBurst: 1_000_000_000, streamResetRate: 1_000_000_000 };

/** Milliseconds until a client that may be gone is asked, and until its answer. */
const PATIENCE = 1_000;

/** HTTP/2 over an accepted TLS socket: a stream for each request, all at the same time. */
export class Http2Connection {
  readonly #connection: Connection;
  readonly #session: ServerHttp2Session;
  readonly #options: Http2Options;
  #served = 0;
  #isDoubting = false;

  constructor(connection: Connection, stream: TLSSocket, options: Http2Options) {
    this.#connection = connection;
    this.#options = options;
    const { maxConcurrentStreams } = options;
    this.#session = performServerHandshake(stream, {
      settings: maxConcurrentStreams === undefined ? {} : { maxConcurrentStreams },
      ...ANY_NUMBER_OF_RESETS,
    });
    this.#session.on('error', () => connection.destroy());
    this.#session.on('stream', (opened, headers) => this.#read(opened, headers));
  }

  #read(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    this.#served += 1;
    const nth = this.#served;
    const reply = new Http2Reply(stream, this.#session);
    stream.once('aborted', () => {
      // It is told of every stream that ends early: also by our own RST_STREAM, and where the connection is gone.
      // Streams above our own GOAWAY are refused, a word that only servers use.
      const ours = reply.abandoned || stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
      if (!ours && !this.#session.destroyed && !this.#connection.gone) this.#options.onStreamReset();
    });
    stream.once('close', () => {
      if (stream.aborted || reply.abandoned) this.#doubt();
    });
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.once('end', () => {
      if (stream.aborted) return;
      const request = toRequest(headers, Buffer.concat(pieces).toString());
      void this.#options.serve({ request, socket: this.#connection.number, nth, reply });
    });
  }

  /**
   * A stream was broken off. Node's TLS forgets a write that failed because the client is gone, and then the session hears
   * of nothing any more, and cannot even be destroyed. A client that is there answers a PING, however little it reads.
   */
  #doubt(): void {
    if (this.#isDoubting) return;
    this.#isDoubting = true;
    setTimeout(() => {
      if (this.#session.destroyed) return;
      const end = setTimeout(() => this.#connection.destroy(), PATIENCE).unref();
      this.#session.ping(() => {
        clearTimeout(end);
        this.#isDoubting = false;
      });
    }, PATIENCE).unref();
  }
}

function toRequest(all: IncomingHttpHeaders, body: string): HttpRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) {
    if (!name.startsWith(':') && value !== undefined) headers[name] = [value].flat().join(', ');
  }
  // RFC 9113, 8.3.1: a server goes by this one, whatever `host` says.
  headers['host'] = String(all[':authority']);
  return { httpMethod: String(all[':method']), path: String(all[':path']), headers, body };
}
