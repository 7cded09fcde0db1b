import { createParser } from 'eventsource-parser';
import type { JsonBounds } from '../jsonrpc/jsonSize.ts';
import { type Counted, EventSize } from './eventSize.ts';
import { TextBlocks } from './textBlocks.ts';

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
  /** So many bytes of what follows were not UTF-8. */
  onInvalidBytes?(count: number): void;
  /** An event grew past a bound; nothing is called after this. */
  onOverflow(bound: NonNullable<Counted['exceeded']>, bytes: number): void;
}

/**
 * Bytes in, events out. A chunk may end anywhere: in a line end, in a character, in the byte order mark.
 *
 * The parser gets what completes a line at once. An unfinished line waits, and is handed on in large blocks if it is long:
 * the parser keeps those apart until the line's end, so that a line of any length costs linear time.
 */
export class SseDecoder {
  readonly #handlers: SseHandlers;
  readonly #size: EventSize;
  readonly #text: TextBlocks;
  #overflowed = false;

  /**
   * @param maxBytes of one event, as `EventSize` counts them; what is longer is given up
   * @param bounds of what its data will become, as JSON
   */
  constructor(handlers: SseHandlers, maxBytes: number, bounds: JsonBounds = UNBOUNDED) {
    this.#handlers = handlers;
    this.#size = new EventSize(maxBytes, bounds);
    const parser = createParser({
      onEvent: ({ event, id, data }) => handlers.onEvent({ event: event ?? 'message', id, data }),
      onComment: (comment) => handlers.onComment?.(comment),
      onRetry: (ms) => handlers.onRetry?.(ms),
      onId: (id) => handlers.onId?.(id),
    });
    this.#text = new TextBlocks((text, invalidBytes) => {
      if (invalidBytes > 0) handlers.onInvalidBytes?.(invalidBytes);
      parser.feed(text);
    });
  }

  /** No more is wanted: nothing is called any more but what the parser has begun. */
  stop(): void {
    this.#overflowed = true;
  }

  /** Whether an event has begun, and the empty line that ends it has not come. */
  get isUnfinished(): boolean {
    return this.#size.hasEvent;
  }

  push(chunk: Buffer): void {
    if (this.#overflowed) return;
    const { complete, fit, exceeded } = this.#size.count(chunk);
    if (complete > 0) this.#text.end(chunk.subarray(0, complete));
    if (this.#overflowed) return;
    if (exceeded !== undefined) {
      this.#overflowed = true;
      this.#handlers.onOverflow(exceeded, this.#size.bytes);
    } else if (complete < fit) this.#text.hold(chunk.subarray(complete));
  }
}

const UNBOUNDED: JsonBounds = { maxValues: Number.POSITIVE_INFINITY, maxDepth: Number.POSITIVE_INFINITY };
