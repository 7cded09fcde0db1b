import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { buffersOf, byteLength, END, isHead, type Part, Reply } from './reply.ts';
import { writeAtOnce } from './writeAtOnce.ts';

export class Http2Reply extends Reply {
  readonly httpVersion = '2';
  readonly #stream: ServerHttp2Stream;
  readonly #session: ServerHttp2Session;
  readonly #closed = new AbortController();
  #abandoned = false;

  constructor(stream: ServerHttp2Stream, session: ServerHttp2Session) {
    super();
    this.#stream = stream;
    this.#session = session;
    // What breaks a stream also closes it.
    stream.on('error', () => {});
    stream.once('close', () => this.#closed.abort());
  }

  override get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** True once the server itself has reset the stream. */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  override write(...parts: readonly Part[]): Promise<void> {
    const stream = this.#stream;
    if (stream.closed || stream.destroyed) return Promise.resolve();
    const ends = parts.includes(END);
    const buffers = parts.flatMap(buffersOf);
    const empty = byteLength(buffers) === 0;
    const head = parts.find(isHead);
    if (head !== undefined) {
      stream.respond({ ':status': head.status, ...head.headers }, { endStream: ends && empty });
    }
    const written = empty ? Promise.resolve() : this.#settled((done) => writeAtOnce(stream, buffers, done));
    if (ends && !stream.writableEnded) stream.end();
    return written;
  }

  override hangUp(): void {
    this.reset();
  }

  override reset(): void {
    this.#abandoned = true;
    // Not `close(code)`: that ends the body in good order first, and the client would take it for a whole one.
    this.#stream.destroy(new Error('the lab resets this stream'));
  }

  /** RST_STREAM with REFUSED_STREAM: the server has done nothing with the request, and says so. */
  refuse(): void {
    this.#stream.close(constants.NGHTTP2_REFUSED_STREAM);
  }

  /** SETTINGS: from now on the client may have so many streams open on this connection. */
  allowStreams(maxConcurrentStreams: number): void {
    this.#session.settings({ maxConcurrentStreams });
  }

  /** GOAWAY with the highest number there is: no stream is refused yet, and the client is to open no more (RFC 9113, 6.8). */
  announceGoAway(): void {
    this.#session.goaway(constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1);
  }

  /** GOAWAY: this request and the ones before it are still answered, then the connection closes. */
  goAway(): void {
    this.#session.close();
  }

  /** GOAWAY that names the request before this one as the last: this one, and what comes after it, never was processed. */
  goAwayBefore(): void {
    // A client numbers its streams 1, 3, 5...
    this.#session.goaway(constants.NGHTTP2_NO_ERROR, Number(this.#stream.id) - 2);
    // It says GOAWAY once more. Before the first is sent it would name the last stream of all: no server may raise that
    // number, and the client would end the connection with those that are to go on.
    setImmediate(() => this.#session.close());
  }

  /** GOAWAY with a fault's code and words of the server's own, which counts this request as processed, and the connection ends. */
  goAwayBecause(code: number, words: string): void {
    this.#session.goaway(code, Number(this.#stream.id), Buffer.from(words));
    setImmediate(() => this.#session.destroy());
  }

  /** GOAWAY that counts this request as processed, and the connection closes at once: what was not sent is lost. */
  destroySession(): void {
    this.#session.destroy();
  }

  /** Resolves when what `start` began is done, or when the stream is closed before. */
  #settled(start: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.closed.removeEventListener('abort', done);
        resolve();
      };
      this.closed.addEventListener('abort', done, { once: true });
      start(done);
    });
  }
}
