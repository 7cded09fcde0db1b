import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import type { Dispatcher } from 'undici';
import { STREAM_RESET, UNPROCESSED } from './connection.ts';
import { unhandledAnswer } from './requestFailure.ts';

/** What a stream asks its connection. */
export interface StreamHost {
  /** The highest stream that the server has looked at or will; above it nothing was processed (RFC 9113, 6.8). */
  readonly lastStreamId: number;
  /** Why the connection is lost; undefined while it is not. */
  readonly lost: Error | undefined;
  /** What the server said when it wound the connection down because of a fault; undefined where it did not. */
  readonly farewell: string | undefined;
  onResponse(): void;
  /** The server wants HTTP/1.1, or its answers break HTTP/2. */
  onHttp1Wanted(): void;
  /** The stream is reset. It counts among the open ones until `onClose`: then the server is told. */
  onReset(): void;
  /** @param reason why the caller gave it up */
  onAbort(stream: Http2Stream, reason: Error): void;
  onClose(stream: Http2Stream): void;
}

const {
  NGHTTP2_CANCEL,
  NGHTTP2_HTTP_1_1_REQUIRED,
  NGHTTP2_NO_ERROR,
  NGHTTP2_PROTOCOL_ERROR,
  NGHTTP2_REFUSED_STREAM,
} = constants;

/** RFC 9113, 7, by number. */
export const ERROR_CODES =
  'NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT STREAM_CLOSED FRAME_SIZE_ERROR REFUSED_STREAM CANCEL COMPRESSION_ERROR CONNECT_ERROR ENHANCE_YOUR_CALM INADEQUATE_SECURITY HTTP_1_1_REQUIRED'.split(
    ' ',
  );

/** One request over HTTP/2 and its response, told to `handler` as undici tells it. */
export class Http2Stream implements Dispatcher.DispatchController {
  aborted = false;
  reason: Error | null = null;
  paused = false;
  /** We have reset it. */
  isReset = false;
  /** What the connection had received when the request was sent. */
  readonly bytesBefore: number;
  readonly #stream: ClientHttp2Stream;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #host: StreamHost;
  #answered = false;
  #over = false;
  #error: Error | undefined;

  constructor(
    stream: ClientHttp2Stream,
    handler: Dispatcher.DispatchHandler,
    host: StreamHost,
    bytesBefore: number,
  ) {
    this.#stream = stream;
    this.#handler = handler;
    this.#host = host;
    this.bytesBefore = bytesBefore;
    // 1xx comes as `headers` and trailers as `trailers`: neither is asked for.
    stream
      .on('response', (headers) => this.#onResponse(headers))
      .on('data', (chunk: Buffer) => this.#tell(() => handler.onResponseData?.(this, chunk)))
      .once('end', () => this.#onEnd())
      .on('error', (error) => {
        this.#error = error;
      })
      .once('close', () => this.#onClose());
  }

  /** Writes the request: its headers are with the session already, and ended with it where there is no body. */
  start(body: Buffer | null): void {
    this.#tell(() => this.#handler.onRequestStart?.(this, undefined));
    if (this.#over) return;
    if (body !== null) this.#stream.end(body);
    this.#tell(() => this.#handler.onRequestSent?.());
  }

  /** Resets the stream. Nothing is told any more. */
  abort(reason: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.aborted = true;
    this.reason = reason;
    this.#reset();
    this.#host.onAbort(this, reason);
  }

  /** The server may send ahead what its window allows. */
  pause(): void {
    this.paused = true;
    this.#stream.pause();
  }

  resume(): void {
    this.paused = false;
    this.#stream.resume();
  }

  #onResponse({ ':status': status = 0, ...headers }: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    if (status < 200) return;
    this.#answered = true;
    this.#host.onResponse();
    this.#tell(() => this.#handler.onResponseStart?.(this, status, headers));
  }

  /** Node ends what can be read also where the connection is lost or the stream is reset; only its code tells. */
  #onEnd(): void {
    if (!this.#answered || this.#host.lost !== undefined || this.#stream.rstCode !== NGHTTP2_NO_ERROR) return;
    this.#tell(() => {
      this.#over = true;
      this.#handler.onResponseEnd?.(this, {});
    });
  }

  #onClose(): void {
    this.#host.onClose(this);
    this.#tell(() => {
      this.#over = true;
      this.#handler.onResponseError?.(this, this.#failure());
    });
  }

  #failure(): Error {
    const { id, rstCode } = this.#stream;
    const { lost, lastStreamId, farewell } = this.#host;
    // "The endpoint requires that HTTP/1.1 be used instead" (RFC 9113, 7): it has looked at no more than that. The other one is
    // our own verdict on a head that HTTP/2 forbids, if it is not the server's on our request.
    const isHttp1Required = rstCode === NGHTTP2_HTTP_1_1_REQUIRED;
    if (!this.#answered && lost === undefined && (isHttp1Required || rstCode === NGHTTP2_PROTOCOL_ERROR)) {
      this.#host.onHttp1Wanted();
      if (isHttp1Required) return Object.assign(new Error('it requires HTTP/1.1'), { code: UNPROCESSED });
    }
    if (!this.#answered && (id === undefined || id > lastStreamId || rstCode === NGHTTP2_REFUSED_STREAM))
      return Object.assign(new Error('the server did not process it'), { code: UNPROCESSED });
    if (lost !== undefined)
      return farewell === undefined
        ? (this.#error ?? lost)
        : new Error(farewell, { cause: this.#error ?? lost });
    const code = ERROR_CODES[rstCode] ?? String(rstCode);
    return Object.assign(new Error(code, { cause: this.#error }), { code: STREAM_RESET });
  }

  #reset(): void {
    if (this.#stream.closed) return;
    this.isReset = true;
    this.#stream.close(NGHTTP2_CANCEL);
    this.#host.onReset();
  }

  /** A callback that throws has a fault of its own: it ends its request and nothing else. */
  #tell(callback: () => void): void {
    if (this.#over) return;
    try {
      callback();
    } catch (cause) {
      this.#over = true;
      this.#reset();
      this.#handler.onResponseError?.(this, unhandledAnswer(cause));
    }
  }
}
