import { MAX_TEXT } from './mask.ts';
import type { TraceEvent, Untimed } from './traceEvent.ts';

/** An event as it was recorded: not masked. */
export interface Entry {
  readonly event: Untimed<TraceEvent>;
  /** Wall time in milliseconds. */
  readonly time: number;
  /** Characters of the whole of a text that was cut; undefined where all of the event is kept. */
  readonly length: number | undefined;
}

/** What an event takes beside its texts, about. */
const EVENT_BYTES = 256;
/** Dropped events whose places are left until it is worth moving the others. */
const MAX_GAPS = 1_024;
/** Characters from which on V8 makes a part of a text a reference to the whole. */
const SHORTEST_SLICE = 13;

/**
 * The last events of one server, in order, within a number of bytes; a character counts two. An event is masked when it
 * is read, since most are not. A text that was cut from one that came over the wire is copied: it would keep all of that
 * in memory.
 */
export class Recorder {
  readonly #maxBytes: number;
  // No object for each: what lives as long as this costs the garbage collector more than it took to make.
  /** Undefined where one was dropped: those before `#first`. */
  #events: (Untimed<TraceEvent> | undefined)[] = [];
  #times: number[] = [];
  /** What each takes. */
  #sizes: number[] = [];
  /** Characters of the texts that were cut, by their events. */
  readonly #lengths = new WeakMap<object, number>();
  #first = 0;
  #bytes = 0;
  #leftOut = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(event: Untimed<TraceEvent>, time: number): void {
    const whole = textOf(event).length;
    const kept = whole > MAX_TEXT ? cut(event) : withoutSlices(event);
    if (whole > MAX_TEXT) this.#lengths.set(kept, whole);
    const bytes = EVENT_BYTES + 2 * charactersOf(kept);
    this.#events.push(kept);
    this.#times.push(time);
    this.#sizes.push(bytes);
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes) this.#dropFirst();
    if (this.#first > MAX_GAPS && this.#first > this.#events.length / 2) this.#close();
  }

  /** What is kept now, and how many older ones were dropped since the last `clear`. */
  snapshot(): { readonly entries: readonly Entry[]; readonly leftOut: number } {
    const entries = this.#events.slice(this.#first).flatMap((event, n) => {
      const time = this.#times[this.#first + n] ?? 0;
      return event === undefined ? [] : [{ event, time, length: this.#lengths.get(event) }];
    });
    return { entries, leftOut: this.#leftOut };
  }

  clear(): void {
    this.#first = this.#events.length;
    this.#close();
    this.#bytes = 0;
    this.#leftOut = 0;
  }

  #dropFirst(): void {
    this.#bytes -= this.#sizes[this.#first] ?? 0;
    this.#events[this.#first++] = undefined;
    this.#leftOut++;
  }

  /** Moves what is kept to the beginning. */
  #close(): void {
    this.#events = this.#events.slice(this.#first);
    this.#times = this.#times.slice(this.#first);
    this.#sizes = this.#sizes.slice(this.#first);
    this.#first = 0;
  }
}

/** The one text of an event that may be long. */
function textOf(event: Untimed<TraceEvent>): string {
  switch (event.kind) {
    case 'message':
      return event.json;
    case 'http-body':
      return event.text;
    case 'sse-event':
      return event.data;
    case 'sse-comment':
      return event.comment;
    case 'warning':
      return event.message;
    default:
      return 'error' in event ? (event.error?.message ?? '') : '';
  }
}

function withText(event: Untimed<TraceEvent>, text: string): Untimed<TraceEvent> {
  switch (event.kind) {
    case 'message':
      return { ...event, json: text };
    case 'http-body':
      return { ...event, text };
    case 'sse-event': {
      const kept = { ...event, event: own(event.event), data: text };
      return event.id === undefined ? kept : { ...kept, id: own(event.id) };
    }
    case 'sse-comment':
      return { ...event, comment: text };
    case 'warning':
      return { ...event, message: text };
    default:
      return 'error' in event && event.error !== undefined
        ? { ...event, error: { ...event.error, message: text } }
        : event;
  }
}

/** No longer than what shows that it is cut when it is masked. */
function cut(event: Untimed<TraceEvent>): Untimed<TraceEvent> {
  return withText(event, own(textOf(event).slice(0, MAX_TEXT + 1)));
}

function withoutSlices(event: Untimed<TraceEvent>): Untimed<TraceEvent> {
  // Of all that is no longer than this, JSON and bodies are texts of their own.
  if (event.kind === 'message' || event.kind === 'http-body') return event;
  return withText(event, own(textOf(event)));
}

/** A text that keeps no other one in memory. */
function own(text: string): string {
  return text.length < SHORTEST_SLICE ? text : Buffer.from(text).toString();
}

/** Of all its texts. */
function charactersOf(event: Untimed<TraceEvent>): number {
  const { length } = textOf(event);
  switch (event.kind) {
    case 'sse-event':
      return length + event.event.length + (event.id ?? '').length;
    case 'http-request':
      return event.url.length + lengthOf(event.headers);
    case 'http-response':
      return lengthOf(event.headers);
    case 'call':
      return length + event.title.length + 4 * event.requests.length;
    default:
      return length;
  }
}

function lengthOf(headers: Readonly<Record<string, string | string[]>>): number {
  let length = 0;
  for (const name in headers) {
    const value = headers[name] ?? '';
    length += name.length + (typeof value === 'string' ? value.length : value.join().length);
  }
  return length;
}
