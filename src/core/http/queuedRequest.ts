import type { SluiceError } from '../errors.ts';
import type { Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { lostBeforeSending, refusedAgain } from './poolFailure.ts';

/**
 * How often a request may go to another connection because the server did not take it: over connections that served
 * nobody, or refused again and again over one that goes on; and in all. A connection that has served and goes away is
 * no sign of anything, and each one answers somebody: so all of many at once get their turn.
 */
const MAX_VAIN_MOVES = 3;
const MAX_MOVES = 1_000;

/** A request that waits for a connection, and what befell it on its way to one. */
export class QueuedRequest {
  readonly exchange: Exchange;
  /** Absent where it was placed at once. */
  cancelTimeout: (() => void) | undefined = undefined;
  /** Connections that were lost under it before the server took it; and those of them that had served nobody. */
  #moves = 0;
  #vainMoves = 0;
  /** Times that the server refused it over a connection that goes on. */
  #refusals = 0;

  constructor(exchange: Exchange) {
    this.exchange = exchange;
  }

  get moves(): number {
    return this.#moves;
  }

  /** Since when a connection was lost under an earlier attempt, which may have been taken. */
  get repeatedAt(): number | undefined {
    const { request, marks } = this.exchange;
    return request.repeated === true ? marks.asked : undefined;
  }

  /**
   * The server did not take it over `connection`.
   * @param isRefused the connection goes on
   * @returns why it is not to be tried again; undefined where it is
   */
  notTaken({ hasServed }: Connection, isRefused: boolean): SluiceError | undefined {
    if (isRefused) this.#refusals++;
    else {
      this.#moves++;
      if (!hasServed) this.#vainMoves++;
    }
    if (this.#refusals > MAX_VAIN_MOVES) return refusedAgain(this.#refusals);
    if (this.#vainMoves > MAX_VAIN_MOVES || this.#moves > MAX_MOVES) return lostBeforeSending(this.#moves);
    return undefined;
  }
}
