import { validateHeaderName, validateHeaderValue } from 'node:http';
import { type ClientHttp2Session, connect, constants, type OutgoingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { Bag } from '../bag.ts';
import { isSluiceError } from '../errors.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Connection, Opening } from './connection.ts';
import type { OpenedSocket } from './connector.ts';
import { ERROR_CODES, Http2Stream, type StreamHost } from './http2Stream.ts';
import type { Origin } from './origin.ts';

/** Streams of one connection, whatever the server allows: what it is to allow at least (RFC 9113, 6.5.2). */
const MAX_STREAMS = 100;

/**
 * Bytes that a server may send ahead of our acknowledgement. What comes is read at once, so they take no memory of
 * ours; with HTTP/2's own 64 KiB a result would come at 64 KiB a round trip.
 */
const WINDOW = { stream: 8 * 1024 * 1024, connection: 16 * 1024 * 1024 };

/** Mebibytes that Node lets one session hold: a request's body counts, and Node's own bound is 10. */
const SESSION_MEMORY = 512;

/** Milliseconds in which an answer to a PING, and the first SETTINGS, are worth waiting for: these, or two handshakes. */
const SOON = 100;
/** Milliseconds after which a PING without an answer means that nobody is there: these, or four handshakes. */
const PATIENCE = 1_000;

/**
 * One socket that carries streams, over Node's own HTTP/2.
 *
 *     opened --SETTINGS--> ready <--answer-- asked (PING): a request timed out, and not a byte had come since
 *        |                   |                 +--no answer--> closed
 *        +-----GOAWAY--------+--> spent: no more requests; those up to the server's last stream go on --> closed
 *     any state --close by either side--> closed
 *
 * It is read from the beginning, so that what the server says to an idle one (SETTINGS, GOAWAY, FIN) is heard. It never
 * holds a request back: `capacity` is what may be sent now.
 */
export class Http2Connection implements Connection, StreamHost {
  readonly id: number;
  readonly startedAt: number;
  readonly openedAt: number;
  readonly reachedIn: number;
  readonly httpVersion = '2';
  readonly isShared = true;
  readonly abortEndsIt = false;
  readonly checksItself = true;
  readonly holdsWorker = false;
  readonly ofDispatcher = false;
  uses = 0;
  hasServed = false;
  restingSince: number;
  lastStreamId = Number.POSITIVE_INFINITY;
  farewell: string | undefined;
  readonly #scheme: string;
  readonly #authority: string;
  readonly #socket: Socket;
  readonly #session: ClientHttp2Session;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #onHttp1Wanted: () => void;
  readonly #streams = new Bag<Http2Stream>();
  /** Streams that the server allows. One will do until it has said: they come before its first answer. */
  #allowed = 1;
  #goneAway = false;
  #pinging = false;
  /** What it waits for, the SETTINGS or the answer to a PING, is due. */
  #awaited = true;
  /** Streams that are reset, and of which the server is not told yet. */
  #resetting = 0;
  #cancelTimers: () => void = () => undefined;

  constructor(
    id: number,
    origin: Origin,
    { socket, startedAt, openedAt, stages }: OpenedSocket,
    { onClose, onChange }: Omit<Opening, 'signal'>,
    clock: Clock,
    onHttp1Wanted: () => void = () => undefined,
  ) {
    this.#onHttp1Wanted = onHttp1Wanted;
    this.id = id;
    this.startedAt = startedAt;
    this.openedAt = openedAt;
    this.reachedIn = stages?.proxy ?? stages?.tcp ?? 0;
    this.restingSince = openedAt;
    this.#scheme = origin.secure ? 'https' : 'http';
    this.#authority = new URL(origin.href).host;
    this.#socket = socket;
    this.#clock = clock;
    this.#onChange = () => onChange?.(this);
    this.#session = connect(origin.href, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: WINDOW.stream },
      maxSessionMemory: SESSION_MEMORY,
    });
    this.#session.setLocalWindowSize(WINDOW.connection);
    this.#session
      // Whoever waits for an answer hears of it from the stream.
      .on('error', () => undefined)
      .on('remoteSettings', ({ maxConcurrentStreams = MAX_STREAMS }) => {
        this.#allowed = Math.min(MAX_STREAMS, maxConcurrentStreams);
        if (!this.#pinging) this.#settle();
      })
      .on('goaway', (code, lastStreamId, words) => {
        this.farewell ??= farewellOf(code, words);
        this.#onGoaway(lastStreamId);
      });
    socket
      .on('error', () => undefined)
      .once('close', () => {
        this.#cancelTimers();
        onClose(this);
      });
    this.#ask();
    // It may wait for a request a while; that must not keep the process alive.
    socket.unref();
  }

  get capacity(): number {
    return this.#pinging ? 0 : Math.max(0, this.#allowed - this.#resetting);
  }

  get isAsking(): boolean {
    return this.#awaited || (this.#resetting > 0 && !this.#pinging);
  }

  get usable(): boolean {
    return !this.#goneAway && this.#isOpen;
  }

  get lost(): Error | undefined {
    if (this.#isOpen) return undefined;
    return this.#socket.errored ?? new Error(this.farewell ?? 'other side closed');
  }

  dispatch(
    { method, path, headers, body }: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): void {
    this.uses++;
    const payload = (body ?? null) as Buffer | null;
    const bytesBefore = this.#socket.bytesRead;
    try {
      const fields = this.#fields(method, path, headers as Record<string, string>, payload);
      const request = this.#session.request(fields, { endStream: payload === null });
      const stream = new Http2Stream(request, handler, this, bytesBefore);
      // Node has no number left for it, and tells so by an error that comes later.
      if (request.pending) this.#goneAway = true;
      if (this.#streams.size === 0) this.#socket.ref();
      this.#streams.add(stream);
      stream.start(payload);
    } catch (cause) {
      const code = this.usable ? 'UND_ERR_INVALID_ARG' : undefined;
      const error = Object.assign(new Error((cause as Error).message, { cause }), { code });
      queueMicrotask(() => handler.onResponseError?.(NEVER_STARTED, error));
    }
  }

  received(now: number): void {
    this.restingSince = now;
  }

  /** It takes no more requests; those that it carries go on. */
  retire(): void {
    this.#goneAway = true;
    this.#onChange();
  }

  /** HTTP/2 will not do for this server, or for a request to it. */
  onHttp1Wanted(): void {
    this.#onHttp1Wanted();
  }

  close(): void {
    this.#socket.destroy();
  }

  onResponse(): void {
    this.hasServed = true;
  }

  /** Its time was up, and the server has said nothing since it was sent, not to this stream nor to another. */
  onAbort({ bytesBefore }: Http2Stream, reason: Error): void {
    if (!isSluiceError(reason) || reason.code !== 'request-timeout') return;
    if (this.#socket.bytesRead !== bytesBefore || this.#pinging || !this.usable) return;
    this.#pinging = true;
    this.#session.ping((error) => {
      if (error !== null) return;
      this.#pinging = false;
      this.#settle();
    });
    const handshake = this.openedAt - this.startedAt;
    this.#ask(() => this.close(), Math.max(PATIENCE, 4 * handshake));
  }

  /** Node sends the headers of a new stream before it, and the server would count one too many. */
  onReset(): void {
    this.#resetting++;
  }

  onClose(stream: Http2Stream): void {
    this.#streams.delete(stream);
    if (this.#streams.size === 0) this.#socket.unref();
    if (!stream.isReset) return;
    this.#resetting--;
    this.#onChange();
  }

  get #isOpen(): boolean {
    const { destroyed, readable, writable } = this.#socket;
    return !destroyed && readable && writable && !this.#session.destroyed;
  }

  /** RFC 9113, 8.3: no fields of the connection, and `:authority` in place of `host`. */
  #fields(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer | null,
  ): OutgoingHttpHeaders {
    const fields: OutgoingHttpHeaders = {
      ':method': method,
      ':scheme': this.#scheme,
      ':authority': this.#authority,
      ':path': path,
    };
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
      const field = name.toLowerCase();
      if (field === 'host') fields[':authority'] = value;
      else if (!OF_THE_CONNECTION.has(field)) fields[field] = value;
    }
    if (body !== null) fields['content-length'] = body.length;
    return fields;
  }

  /**
   * The server is about to say something. It is worth waiting for, but not for long.
   * @param onSilence after `patience` milliseconds
   */
  #ask(onSilence?: () => void, patience = 0): void {
    this.#cancelTimers();
    this.#awaited = true;
    const soon = Math.max(SOON, 2 * (this.openedAt - this.startedAt));
    const cancelSoon = this.#clock.schedule(soon, () => {
      this.#awaited = false;
      this.#onChange();
    });
    const cancelSilence = onSilence && this.#clock.schedule(patience, onSilence);
    this.#cancelTimers = () => {
      cancelSoon();
      cancelSilence?.();
    };
  }

  #settle(): void {
    this.#cancelTimers();
    this.#awaited = false;
    this.#onChange();
  }

  #onGoaway(lastStreamId: number): void {
    this.#goneAway = true;
    // A server that winds down names the highest number first, and the true one later.
    this.lastStreamId = Math.min(this.lastStreamId, lastStreamId);
    this.#onChange();
  }
}

/** Bytes of a GOAWAY's own words that are told. */
const MAX_WORDS = 200;

/** RFC 9113, 6.8: a code, and what the server adds for people to read. Undefined of one that only winds down. */
function farewellOf(code: number, words: Uint8Array | undefined): string | undefined {
  const said = Buffer.from(words?.subarray(0, MAX_WORDS) ?? []).toString();
  if (code === constants.NGHTTP2_NO_ERROR) return undefined;
  return `GOAWAY ${ERROR_CODES[code] ?? code}${said === '' ? '' : `: ${said}`}`;
}

/** RFC 9113, 8.2.2; the length is that of the body that is sent. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Stands for a stream that never was one. */
const NEVER_STARTED: Dispatcher.DispatchController = {
  aborted: false,
  paused: false,
  reason: null,
  abort() {},
  pause() {},
  resume() {},
};
