import { excerpt } from '../jsonrpc/excerpt.ts';
import { type JsonRpcNotification, ownId, type RequestId } from '../jsonrpc/message.ts';
import type { SseEvent } from '../sse/sseEvents.ts';
import type { Unfinished } from './messageSource.ts';

/** What came for a request in place of its response, on whichever stream: it is told where the response never comes. */
export class CameInstead {
  readonly #id: RequestId;
  #otherId: RequestId | undefined;
  #otherEvent: { readonly name: string; readonly data: string } | undefined;
  #cancelled: { readonly reason: unknown } | undefined;
  #invalid: { readonly text: string; readonly problem: string } | undefined;

  constructor(id: RequestId) {
    this.#id = id;
  }

  /** One whose name is not `message`. */
  event({ event, data }: SseEvent): void {
    if (event !== 'message') this.#otherEvent ??= { name: beginningOf(event), data: beginningOf(data) };
  }

  /** A response to another id. */
  response(id: RequestId): void {
    this.#otherId ??= id;
  }

  /** Only who asked may cancel, so it is told and no more: the response may come all the same. */
  notification({ method, params }: JsonRpcNotification): void {
    if (method === 'notifications/cancelled' && ownId(params?.['requestId']) === this.#id)
      this.#cancelled = { reason: params?.['reason'] ?? undefined };
  }

  /** What was to be a message, the last one: it may have been the response. */
  get invalid(): { readonly text: string; readonly problem: string } | undefined {
    return this.#invalid;
  }

  /** @param problem why it is no message */
  unreadable(text: string, problem: string): void {
    this.#invalid = { text, problem };
  }

  /** A part of a sentence; empty where nothing came. @param unfinished what had begun */
  describe(unfinished?: Unfinished): string {
    const parts: string[] = [];
    if (this.#otherId !== undefined) parts.push(`it answered the id ${excerpt(this.#otherId)} instead`);
    if (this.#otherEvent !== undefined) {
      const { name, data } = this.#otherEvent;
      const told = data === '' ? '' : `, with the data ${excerpt(data)}`;
      parts.push(`it sent an event with the name ${excerpt(name)}${told}`);
    }
    if (this.#cancelled !== undefined) {
      const { reason } = this.#cancelled;
      const why = reason === undefined ? ' and gave no reason' : `: ${excerpt(reason)}`;
      parts.push(`it said that it cancelled the request${why}`);
    }
    if (this.#invalid !== undefined) {
      const { text, problem } = this.#invalid;
      parts.push(`it sent ${excerpt(beginningOf(text))}, which is not a message, because ${problem}`);
    }
    if (unfinished?.kind === 'event')
      parts.push('the last event that it sent is not complete: no empty line follows it');
    if (unfinished?.kind === 'body')
      parts.push(`${unfinished.bytes} bytes of its body came, and the rest did not`);
    return parts.map((part) => `; ${part}`).join('');
  }
}

/** Characters of an event that are kept to be told. A slice would keep all of it alive. */
function beginningOf(text: string): string {
  return text.length <= 200 ? text : Buffer.from(text.slice(0, 200)).toString();
}
