import type { HttpRequest } from './httpRequest.ts';
import type { Reply } from './reply.ts';

/** A request that came in, and how to answer it. */
export interface Arrival {
  readonly request: HttpRequest;
  /** The number of the socket it came on: 1 is the first accepted. */
  readonly socket: number;
  /** Which request of that socket it is. */
  readonly nth: number;
  readonly reply: Reply;
}

/** Answers one request. HTTP/1.1: the next one of the same connection waits for it. */
export type Serve = (arrival: Arrival) => Promise<void>;
