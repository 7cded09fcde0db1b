import type { JsonRpcErrorResponse } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';

/** Milliseconds in which the response may come yet. */
const GRACE = 1_000;

/**
 * An error with an id of its own, where the response to one request is due: some servers give the errors that they make
 * outside of their handlers an id that nobody sent. It is the answer, unless the response itself comes soon.
 */
export class StrayError {
  #error: JsonRpcErrorResponse | undefined;
  #cancel: () => void = () => undefined;
  readonly #clock: Clock;
  readonly #onDue: (error: JsonRpcErrorResponse) => void;

  constructor(clock: Clock, onDue: (error: JsonRpcErrorResponse) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** @returns false where there is one already */
  take(error: JsonRpcErrorResponse): boolean {
    if (this.#error !== undefined) return false;
    this.#error = error;
    this.#cancel = this.#clock.schedule(GRACE, () => this.due());
    return true;
  }

  /** Nothing else will come. @returns whether there was one, which is told by now */
  due(): boolean {
    const error = this.#error;
    this.end();
    if (error === undefined) return false;
    this.#onDue(error);
    return true;
  }

  /** The request has settled. */
  end(): void {
    this.#cancel();
    this.#error = undefined;
  }
}
