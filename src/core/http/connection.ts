import type { Dispatcher } from 'undici';

/** Code of the error with which a request ends that the server has not processed and never will: it may be sent again. */
export const UNPROCESSED = 'SLUICE_UNPROCESSED';
/** Code of the error with which a request ends whose stream the server reset, while the connection goes on. */
export const STREAM_RESET = 'SLUICE_STREAM_RESET';

/** Something that carries requests to one origin and has a history: a socket of ours, or a place in a caller's dispatcher. */
export interface Connection {
  /** Counted per pool from 1. */
  readonly id: number;
  /** When opening it began and was done. */
  readonly startedAt: number;
  readonly openedAt: number;
  /** Milliseconds of the opening until the server was reached, before TLS: a round trip at least, with a proxy's part. Over HTTP/2. */
  readonly reachedIn?: number;
  /** Requests it has carried. */
  readonly uses: number;
  /** Requests it may carry at once, now: 1 over HTTP/1.1. It may change: `Opening.onChange` tells. */
  readonly capacity: number;
  /** For a moment only: it is about to carry more, or to say how many. Waiting for that is cheaper than a handshake. */
  readonly isAsking: boolean;
  /** For people to read; what follows from it, the questions below tell. */
  readonly httpVersion: '1.1' | '2';
  /** It carries several requests at once, and tells when it takes no more of them: HTTP/2. */
  readonly isShared: boolean;
  /** The only way to end a request on it early is to close it; otherwise that resets a stream, and the others go on. */
  readonly abortEndsIt: boolean;
  /** After a request that timed out in silence it asks by itself whether the server is still there (PING), and closes if not. */
  readonly checksItself: boolean;
  /** While it is silent, a worker of the server may wait on it and serve no other connection. */
  readonly holdsWorker: boolean;
  /** When its last byte came, on the clock; `-Infinity` where none ever did. */
  readonly restingSince: number;
  /** A place in a caller's dispatcher, and no socket of ours. */
  readonly ofDispatcher: boolean;
  /** Whether a response has come on it. */
  readonly hasServed: boolean;
  /** False once either side has closed it, or takes no more requests on it; those that it carries may go on. */
  readonly usable: boolean;
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void;
  /** A response, or its last byte, has just come. */
  received(now: number): void;
  /** At once; requests on it fail. */
  close(): void;
}

export interface Opening {
  readonly signal: AbortSignal;
  /** Called once, whichever side closed it. */
  readonly onClose: (connection: Connection) => void;
  /** Called when `capacity`, `isAsking` or `usable` are not what they were. */
  readonly onChange?: (connection: Connection) => void;
}

/**
 * How a pool comes by its connections.
 * @throws SluiceError, always with `delivery: 'not-sent'`
 */
export type OpenConnection = (id: number, opening: Opening) => Promise<Connection>;
