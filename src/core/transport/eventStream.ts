import type { SluiceError } from '../errors.ts';
import type { DrainReport } from '../metrics/requestTiming.ts';
import { HttpRequest, type HttpRequestOptions } from './httpRequest.ts';
import type { MessageBounds } from './messageBounds.ts';
import { type MessageHandlers, sseSource } from './messageSource.ts';

export interface EventStreamHandlers extends Omit<MessageHandlers, 'onComment' | 'onBody'> {
  /** The server opened the stream. */
  onOpen?(): void;
  /** The server answered with something else; nothing is called after this. */
  onRefused(error: SluiceError): void;
  /** It has ended, or its connection was lost with an error; nothing but `onDrained` is called after this. */
  onClosed(error: SluiceError | undefined): void;
  onDrained?(report: DrainReport): void;
}

export interface EventStreamOptions extends Omit<HttpRequestOptions, 'method' | 'handlers'> {
  readonly bounds: MessageBounds;
  readonly handlers: EventStreamHandlers;
}

/** One GET that asks for an event stream, and what comes on it. */
export class EventStream {
  readonly http: HttpRequest;
  readonly #handlers: EventStreamHandlers;
  #isOpen = false;
  #isOver = false;

  constructor(options: EventStreamOptions) {
    const { bounds, trace, handlers } = options;
    this.#handlers = handlers;
    this.http = new HttpRequest({
      ...options,
      method: 'GET',
      handlers: {
        onResponse: (status, mediaType) => {
          if (status !== 200 || mediaType !== 'text/event-stream') return 'refusal';
          this.#isOpen = true;
          handlers.onOpen?.();
          return sseSource(
            {
              ...handlers,
              onEvent: (event) => {
                trace.event(event);
                handlers.onEvent?.(event);
              },
              onMessage: (received, text) => {
                trace.message('received', text);
                handlers.onMessage(received, text);
              },
              onComment: (comment) => trace.comment(comment),
              onRetry: (ms) => {
                trace.retry(ms);
                handlers.onRetry?.(ms);
              },
            },
            bounds,
          );
        },
        onRefused: (error) => this.#refuse(error),
        onUnreadable: (error) => {
          if (this.#isOpen) {
            this.#close(error);
            this.http.abort(error);
          } else {
            this.#refuse(error);
            this.http.release();
          }
        },
        onEnd: () => this.#close(undefined),
        onFailed: (error) => this.#close(error),
        ...(handlers.onDrained && { onDrained: handlers.onDrained }),
      },
    });
  }

  /** Ends it; no handler but `onDrained` is called any more. */
  abort(error: SluiceError): void {
    this.#isOver = true;
    this.http.stop();
    this.http.abort(error);
  }

  #refuse(error: SluiceError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handlers.onRefused(error);
  }

  #close(error: SluiceError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.http.stop();
    this.#handlers.onClosed(error);
  }
}

/** Whether a stream that was refused may be had later: the server has not noticed that the last one broke off, or is busy. */
export function mayOpenLater({ status = 0 }: SluiceError): boolean {
  return status === 409 || status === 429 || (status >= 500 && status !== 501);
}
