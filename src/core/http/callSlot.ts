import { Bag } from '../bag.ts';
import type { Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';

/**
 * Why a connection is opened: for a request that waits, for one that is known to come in a moment, or `ahead` of requests:
 * then it is kept only as long as these go on coming.
 */
export type OpenReason = 'request' | 'expected' | 'ahead';

/**
 * Streams that are reset on one HTTP/2 connection before another takes its place: servers count resets since the
 * attack that was named after them, and end a connection with all its streams (node: after 1,000 in quick succession).
 */
const MAX_RESETS = 500;

/** A connection that carries calls, and those that it carries. */
export class CallSlot {
  readonly connection: Connection;
  readonly reason: OpenReason;
  readonly carrying = new Bag<Exchange>();
  /** Of these, the ones whose callers have their answers: kept, since each call asks of all connections whether there are any. */
  readonly draining = new Bag<Exchange>();
  /** Streams of it that we reset. */
  resets = 0;
  /** When it became idle last, or was opened. */
  idleSince: number;
  /** Requests that it may carry in all, as far as the server says. */
  #allowed = Number.POSITIVE_INFINITY;

  constructor(connection: Connection, reason: OpenReason, now: number) {
    this.connection = connection;
    this.reason = reason;
    this.idleSince = now;
  }

  /** It takes no more requests: the server has said so, or streams enough were reset on it. */
  get isSpent(): boolean {
    const { usable, uses } = this.connection;
    return !usable || this.resets >= MAX_RESETS || uses >= this.#allowed;
  }

  /** No request was given to it. */
  get isUnused(): boolean {
    return this.connection.uses === 0;
  }

  /** Nobody waits for an answer on it. */
  get isQuiet(): boolean {
    for (const { drainingSince } of this.carrying) if (drainingSince === undefined) return false;
    return true;
  }

  /** What is left of a response has a place on it: without that drain it, or one in its stead, could take a request. */
  get isHeldByDrain(): boolean {
    const { isShared, capacity } = this.connection;
    return this.draining.size > 0 && (!isShared || (capacity > 0 && !this.isSpent));
  }

  /** The server says, in the response to the last request on it, how many more it will take. */
  allow(more: number): void {
    // Some count down and mean those to come, some always tell the whole: this is within both.
    this.#allowed = Math.min(this.#allowed, this.connection.uses - 1 + more);
  }
}
