import { isSluiceError, type SluiceError } from '../errors.ts';

/** Numbers of requests that are kept of a call: a task may be asked after for days. */
const MAX_REQUESTS = 10_000;

/**
 * What is known of one call over all the HTTP requests that it takes: attempts, rounds, polls, pages. It goes with the
 * call from the door where its caller waits to the transport that sends its requests. It gathers their numbers, and is
 * the only one to tell `delivery` of a call. An error may come from the last request, or from between two of them (a renewed session, a question to the
 * user), and knows of that alone.
 *
 *     nothing sent --a request was written--> sent --+-- fails before it is written -----> `unknown`
 *                                                    +-- written, and nothing came back -> `unknown`, also where a
 *                                                    |                                     repeat of it is refused
 *                                                    +-- answered -----------------------> as its own error says
 */
export class CallLog {
  /** Of the call, counted per server; undefined where no record is kept of it. */
  readonly id: number | undefined;
  readonly #requests: number[] = [];
  #isSent = false;
  /** A request was written and not answered, and none was since. */
  #isOpen = false;

  constructor(id?: number) {
    this.id = id;
  }

  /** Numbers of its HTTP requests so far, in the order in which they were asked for; the first 10,000. */
  get requests(): readonly number[] {
    return this.#requests.slice();
  }

  /** One of its HTTP requests is asked for. */
  began(request: number): void {
    if (this.#requests.length < MAX_REQUESTS) this.#requests.push(request);
  }

  /** One attempt of one of its requests. Fails with the word of the call. */
  async attempt<T>(attempt: Promise<T>): Promise<T> {
    try {
      const reply = await attempt;
      this.#isSent = true;
      this.#isOpen = false;
      return reply;
    } catch (error) {
      const told = this.#told(error);
      if (!isSluiceError(error) || error.delivery !== 'not-sent') this.#isSent = true;
      if (!isSluiceError(error) || error.delivery === 'unknown') this.#isOpen = true;
      throw told;
    }
  }

  /** What makes up the call, or a part of it. Fails with the word of the call. */
  async whole<T>(whole: Promise<T>): Promise<T> {
    try {
      return await whole;
    } catch (error) {
      throw this.#told(error);
    }
  }

  #told(error: unknown): unknown {
    if (!isSluiceError(error)) return error;
    const isMore =
      error.delivery === 'not-sent' ? this.#isSent : error.delivery === 'answered' && this.#isOpen;
    return isMore ? (error as SluiceError).but({ delivery: 'unknown' }) : error;
  }
}
