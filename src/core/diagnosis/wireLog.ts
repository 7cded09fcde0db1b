import type { TraceEvent } from '../trace/traceEvent.ts';

/** One HTTP request and what came back, without the texts. Milliseconds count from the asking. */
export interface WireExchange {
  /** Of the request, counted per server from 1. */
  readonly number: number;
  readonly method: string;
  /** The method of JSON-RPC that it carried; undefined of a GET or a DELETE. */
  readonly rpc: string | undefined;
  /** Number of the connection that carried it; 0 while that is not known. */
  readonly connection: number;
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
  /** Wall time of the response's head; undefined where none came. */
  readonly openedAt: number | undefined;
  /** Offset of the last thing that came: the head, an event, a comment, a part of a body. */
  readonly lastAt: number;
  /** Offset of the end of all; undefined while more may come. */
  readonly endedAt: number | undefined;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type Growing = Omit<Writable<WireExchange>, 'progress' | 'tail'> & {
  progress: number[];
  tail: { events: number; comments: number };
};

/** Offsets that are kept of one request's progress. */
const MAX_PROGRESS = 1_000;
/** Closed connections that are remembered, the last ones. */
const MAX_CLOSED = 100;

/** Reads the trace of one connection, and keeps what a diagnosis wants to know of each request. */
export class WireLog {
  readonly #exchanges: Growing[] = [];
  readonly #closed: number[] = [];
  /** What the requests that are not written yet carry: a message is told before. */
  readonly #unsent = new Map<number, string>();
  readonly #onClose = new Set<() => void>();

  get exchanges(): readonly WireExchange[] {
    return this.#exchanges;
  }

  isClosed(connection: number): boolean {
    return this.#closed.includes(connection);
  }

  /** Calls back at each close of a connection, until the function that it returns is called. */
  onClose(told: () => void): () => void {
    this.#onClose.add(told);
    return () => this.#onClose.delete(told);
  }

  add(event: TraceEvent): void {
    switch (event.kind) {
      case 'connection':
        if (event.change === 'closed') this.#close(event.connection);
        return;
      case 'message':
        if (event.direction === 'sent') this.#unsent.set(event.request, methodOf(event.json));
        return;
      case 'http-request':
        this.#exchanges.push({
          number: event.request,
          method: event.method,
          rpc: this.#unsent.get(event.request),
          connection: event.connection,
          status: 0,
          lost: false,
          headers: {},
          progress: [],
          answeredAt: undefined,
          primed: false,
          tail: { events: 0, comments: 0 },
          openedAt: undefined,
          lastAt: 0,
          endedAt: undefined,
        });
        this.#unsent.delete(event.request);
        return;
    }
    if (!('request' in event)) return;
    const exchange = this.#exchanges.findLast(({ number }) => number === event.request);
    if (exchange !== undefined) addTo(exchange, event);
  }

  #close(connection: number): void {
    if (this.#closed.push(connection) > MAX_CLOSED) this.#closed.shift();
    for (const told of [...this.#onClose]) told();
  }
}

type OnExchange = Exclude<
  Extract<TraceEvent, { readonly request: number }>,
  { readonly kind: 'message' | 'http-request' }
>;

function addTo(exchange: Growing, event: OnExchange): void {
  if (event.connection !== 0) exchange.connection = event.connection;
  if (event.kind === 'drain' || event.kind === 'http-end') exchange.endedAt = event.at;
  else exchange.lastAt = event.at;
  switch (event.kind) {
    case 'http-response':
      exchange.status = event.status;
      exchange.headers = oneLine(event.headers);
      exchange.openedAt = event.time;
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

/** Of a message of ours, which has its method before all that others wrote. It may be cut, and is not parsed. */
function methodOf(json: string): string {
  return /"method":"([^"\\]+)"/.exec(json)?.[1] ?? '';
}

function oneLine(headers: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}
