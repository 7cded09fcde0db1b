import { createParser, type EventSourceParser } from 'eventsource-parser';

/** One event of a stream, as the HTML standard's "event stream interpretation" dispatches it. */
export interface SseEvent {
  /** `message` where the stream names none. */
  readonly event: string;
  /** The event's own id; undefined where it has none. */
  readonly id: string | undefined;
  readonly data: string;
}

export interface SseHandlers {
  onEvent(event: SseEvent): void;
  onComment?(comment: string): void;
  /** @param ms reconnection time that the server asks for, unclamped */
  onRetry?(ms: number): void;
  /** An id, also where its block has no data: the stream can be resumed after it. */
  onId?(id: string): void;
  /** An event grew past the bound; nothing is called after this. */
  onOverflow(maxChars: number): void;
}

/** Bytes in, events out. A chunk may end anywhere: in a line end, in a character, in the byte order mark. */
export class SseDecoder {
  readonly #handlers: SseHandlers;
  readonly #maxChars: number;
  readonly #parser: EventSourceParser;
  readonly #text = new TextDecoder('utf-8');
  #overflowed = false;

  /** @param maxChars of one event; what is longer is given up */
  constructor(handlers: SseHandlers, maxChars: number) {
    this.#handlers = handlers;
    this.#maxChars = maxChars;
    this.#parser = createParser({
      maxBufferSize: maxChars,
      onEvent: ({ event, id, data }) => {
        // The parser bounds what it keeps between chunks; an event that arrives in one chunk is not kept.
        if (data.length > maxChars) this.#overflow();
        else if (!this.#overflowed) handlers.onEvent({ event: event ?? 'message', id, data });
      },
      onComment: (comment) => handlers.onComment?.(comment),
      onRetry: (ms) => handlers.onRetry?.(ms),
      onId: (id) => handlers.onId?.(id),
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') this.#overflow();
      },
    });
  }

  push(chunk: Uint8Array): void {
    if (this.#overflowed) return;
    const text = this.#text.decode(chunk, { stream: true });
    if (text.length > 0) this.#parser.feed(text);
  }

  #overflow(): void {
    if (this.#overflowed) return;
    this.#overflowed = true;
    this.#handlers.onOverflow(this.#maxChars);
  }
}
