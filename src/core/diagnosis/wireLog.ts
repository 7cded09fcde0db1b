import type { TraceEvent } from '../trace/traceEvent.ts';

/** One HTTP request and what came back, without the texts. Milliseconds count from the asking. */
export interface WireExchange {
  /** Of the request, counted per server from 1. */
  readonly number: number;
  readonly method: string;
  /** 0 while there is no response. */
  readonly status: number;
  /** It ended without a response. */
  readonly lost: boolean;
  /** Of the response, lower case; credentials are masked. */
  readonly headers: Readonly<Record<string, string>>;
  /** Offsets of the `notifications/progress` that came before the response. */
  readonly progress: readonly number[];
  /** Offset of the last event or body before the drain; undefined where none came. */
  readonly answeredAt: number | undefined;
  /** An event with an id and no data came first (2025-11-25, Sending Messages: to prime a reconnect). */
  readonly primed: boolean;
  /** After the response. */
  readonly tail: { readonly events: number; readonly comments: number };
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type Growing = Omit<Writable<WireExchange>, 'progress' | 'tail'> & {
  progress: number[];
  tail: { events: number; comments: number };
};

/** Offsets that are kept of one request's progress. */
const MAX_PROGRESS = 1_000;

/** Reads the trace of one connection, and keeps what a diagnosis wants to know of each request. */
export class WireLog {
  readonly #exchanges: Growing[] = [];

  get exchanges(): readonly WireExchange[] {
    return this.#exchanges;
  }

  add(event: TraceEvent): void {
    if (event.kind === 'http-request') {
      this.#exchanges.push({
        number: event.request,
        method: event.method,
        status: 0,
        lost: false,
        headers: {},
        progress: [],
        answeredAt: undefined,
        primed: false,
        tail: { events: 0, comments: 0 },
      });
      return;
    }
    if (!('request' in event)) return;
    const exchange = this.#exchanges.findLast(({ number }) => number === event.request);
    if (exchange === undefined) return;
    switch (event.kind) {
      case 'http-response':
        exchange.status = event.status;
        exchange.headers = oneLine(event.headers);
        return;
      case 'http-end':
        exchange.lost = event.how === 'error' && exchange.status === 0;
        return;
      case 'sse-comment':
        if (event.tail) exchange.tail.comments++;
        return;
      case 'sse-event':
        if (event.tail) {
          exchange.tail.events++;
          return;
        }
        exchange.answeredAt = event.at;
        if (event.data === '') exchange.primed ||= event.id !== undefined;
        else if (event.data.includes('"notifications/progress"') && exchange.progress.length < MAX_PROGRESS)
          exchange.progress.push(event.at);
        return;
      case 'http-body':
        if (!event.tail) exchange.answeredAt = event.at;
        return;
      default:
        return;
    }
  }
}

function oneLine(headers: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}
