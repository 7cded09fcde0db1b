import type { Dispatcher } from 'undici';

/** Something that carries requests to one origin and has a history: a socket of ours, or a place in a caller's dispatcher. */
export interface Connection {
  /** Counted per pool from 1. */
  readonly id: number;
  /** When opening it began and was done. */
  readonly startedAt: number;
  readonly openedAt: number;
  /** Requests it has carried. */
  readonly uses: number;
  /** Requests it may carry at once: 1 over HTTP/1.1. */
  readonly capacity: number;
  readonly httpVersion: '1.1' | '2';
  /** When its last byte came, on the clock; `-Infinity` where none ever did. */
  readonly restingSince: number;
  /** A place in a caller's dispatcher, and no socket of ours. */
  readonly ofDispatcher: boolean;
  /** False once either side has closed it. */
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
}

/**
 * How a pool comes by its connections.
 * @throws SluiceError, always with `delivery: 'not-sent'`
 */
export type OpenConnection = (id: number, opening: Opening) => Promise<Connection>;
