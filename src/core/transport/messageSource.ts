import { JsonGauge } from '../jsonrpc/jsonGauge.ts';
import { parseMessages, type Received, withoutMark } from '../jsonrpc/message.ts';
import { rememberText } from '../jsonrpc/messageText.ts';
import { SseDecoder, type SseEvent } from '../sse/sseEvents.ts';
import { TextBlocks } from '../sse/textBlocks.ts';
import type { Excess, MessageBounds } from './messageBounds.ts';

export type Unfinished = { readonly kind: 'body'; readonly bytes: number } | { readonly kind: 'event' };

/** How a response's body becomes messages. */
export interface MessageSource {
  readonly body: 'json' | 'sse' | 'none';
  /**
   * Bytes of a JSON body that has not ended; or that an event has begun which has not. No getter: V8 makes a hidden class for
   * each object literal that has one, and there is one of these a call.
   */
  unfinished?(): Unfinished | undefined;
  push(chunk: Buffer): void;
  /** The body is complete. `done` is called when all of it is read: of a compressed one that is later. */
  end(done?: () => void): void;
  /** No more of it is wanted. */
  stop?(): void;
}

export interface MessageHandlers {
  onMessage(received: Received, text: string): void;
  /** The body, or one event of it, grew past a bound, or too many events were no messages; nothing follows. */
  onOverflow(excess: Excess): void;
  onEvent?(event: SseEvent): void;
  onComment?(comment: string): void;
  onRetry?(ms: number): void;
  onId?(id: string): void;
  /** An event whose id was there already: what the server asks or tells in it is not news. */
  isRepeat?(event: SseEvent): boolean;
  /** A body that is not a stream, once it is complete. */
  onBody?(text: string): void;
}

/** Events in a row that are no messages, before a stream is given up: each costs an exception and a warning. */
const MAX_FAULTS = 256;
/** Bytes of a body that is only read to tell what was wrong. */
const MAX_ERROR_BODY = 64 * 1024;

/** One JSON body: a message, or a batch of them. */
export function jsonSource(handlers: MessageHandlers, bounds: MessageBounds): MessageSource {
  const size = new JsonGauge();
  let bytes = 0;
  let isOver = false;
  const overflow = (bound: Excess['bound'], max: number) => {
    isOver = true;
    handlers.onOverflow({ bound, max, bytes });
  };
  const body = collect(bounds.maxBytes, () => overflow('bytes', bounds.maxBytes));
  let isEnded = false;
  return {
    body: 'json',
    unfinished: () => (bytes === 0 || isEnded ? undefined : { kind: 'body', bytes }),
    push(chunk) {
      if (isOver) return;
      bytes += chunk.length;
      size.count(chunk);
      const exceeded = size.exceeded(bounds);
      if (exceeded === undefined) body.push(chunk);
      else overflow(exceeded, exceeded === 'values' ? bounds.maxValues : bounds.maxDepth);
    },
    end(done) {
      isEnded = true;
      if (isOver) return done?.();
      const text = body.text();
      handlers.onBody?.(text);
      for (const received of messagesIn(text, body.invalidBytes())) handlers.onMessage(received, text);
      done?.();
    },
  };
}

/**
 * A stream of events, each with a message as its data. Events of other types and without data carry none, but for `error`: some
 * servers tell an error of JSON-RPC in an event of that name.
 */
export function sseSource(handlers: MessageHandlers, bounds: MessageBounds): MessageSource {
  let invalidBytes = 0;
  /** In a row. */
  let faults = 0;
  const decoder = new SseDecoder(
    {
      onInvalidBytes: (count) => {
        invalidBytes += count;
      },
      onEvent(event) {
        // The parser finishes what it has begun.
        if (faults === MAX_FAULTS) return;
        handlers.onEvent?.(event);
        if (!carriesMessage(event)) return;
        const isRepeat = handlers.isRepeat?.(event) === true;
        // Several events may come at once: it is the one in which they show.
        const isTheirs = invalidBytes > 0 && event.data.includes('\ufffd');
        const invalid = isTheirs ? invalidBytes : 0;
        if (isTheirs) invalidBytes = 0;
        for (const received of messagesIn(event.data, invalid)) {
          faults = received.kind === 'invalid' ? faults + 1 : 0;
          // A response that was taken has settled its request; one that is still waited for is none that comes twice.
          if (isRepeat && (received.kind === 'request' || received.kind === 'notification')) continue;
          handlers.onMessage(received, event.data);
          if (faults < MAX_FAULTS) continue;
          decoder.stop();
          return handlers.onOverflow({ bound: 'faults', max: MAX_FAULTS, bytes: event.data.length });
        }
      },
      onComment: (comment) => handlers.onComment?.(comment),
      onRetry: (ms) => handlers.onRetry?.(ms),
      onId: (id) => handlers.onId?.(id),
      onOverflow: (bound, bytes) => {
        const max = { bytes: bounds.maxBytes, values: bounds.maxValues, depth: bounds.maxDepth }[bound];
        handlers.onOverflow({ bound, max, bytes });
      },
    },
    bounds.maxBytes,
    bounds,
  );
  return {
    body: 'sse',
    unfinished: () => (decoder.isUnfinished ? { kind: 'event' } : undefined),
    push: (chunk) => decoder.push(chunk),
    end: (done) => done?.(),
  };
}

/** The beginning of a body that is no message; `done` gets it when it is complete or long enough. */
export function textSource(done: (text: string) => void, onBody?: (text: string) => void): MessageSource {
  let told = false;
  const finish = () => {
    if (told) return;
    told = true;
    const text = body.text();
    onBody?.(text);
    done(text);
  };
  const body = collect(MAX_ERROR_BODY, finish);
  return {
    body: 'none',
    push: body.push,
    end(done) {
      finish();
      done?.();
    },
  };
}

function carriesMessage({ event, data }: SseEvent): boolean {
  if (event === 'error') return data.includes('"jsonrpc"');
  return event === 'message' && data !== '';
}

/** The messages of a text; a response keeps the text that brought it. */
function messagesIn(sent: string, invalidBytes: number): readonly Received[] {
  const text = withoutMark(sent);
  const messages = parseMessages(text);
  const isBatch = messages.length !== 1 || text.trimStart().startsWith('[');
  for (const [index, received] of messages.entries())
    rememberText(received, { text, index: isBatch ? index : undefined, invalidBytes });
  return messages;
}

function collect(maxBytes: number, onOverflow: () => void) {
  let texts: string[] = [];
  let invalidBytes = 0;
  const blocks = new TextBlocks((text, invalid) => {
    texts.push(text);
    invalidBytes += invalid;
  });
  let room = maxBytes;
  return {
    push(chunk: Buffer) {
      if (room < 0) return;
      blocks.hold(chunk.subarray(0, room));
      room -= chunk.length;
      if (room < 0) onOverflow();
    },
    text() {
      blocks.end(Buffer.alloc(0));
      const whole = texts.join('');
      texts = [];
      return whole;
    },
    invalidBytes: () => invalidBytes,
  };
}
