import type { HttpRequest } from './httpRequest.ts';
import type { Message } from './jsonrpc.ts';
import type { HttpVersion } from './reply.ts';

/** One HTTP request as the server saw it. */
export interface Received extends Omit<HttpRequest, 'body'> {
  readonly httpVersion: HttpVersion;
  /** The number of the socket it came on: 1 is the first accepted. */
  readonly socket: number;
  /** Which request of that socket it is: 1 is the first, so 2 or more proves a reused connection. */
  readonly nth: number;
  /** Absent on GET and DELETE, and where the body is not JSON. */
  readonly message: Message | undefined;
}

/** Counted on the server's side: reuse is proved here, not by a latency. */
export interface Counts {
  /** Sockets accepted since the start, those whose TLS handshake failed included. */
  readonly accepted: number;
  /** Sockets whose client has not closed its side: it falls as soon as a FIN or RST has arrived. */
  readonly open: number;
  readonly closed: number;
  /** The most that were open at one time. A socket counts here two rounds of the event loop after it was accepted. */
  readonly maxOpen: number;
  /** HTTP requests of any method. */
  readonly requests: number;
  /** Per tool, how often it was RUN. A call that was turned away before it ran is not here. */
  readonly calls: ReadonlyMap<string, number>;
  /** Calls given up by the client before their response: it closed the stream, or sent `notifications/cancelled`. */
  readonly cancelled: number;
  /** HTTP/2: streams that the client gave up with RST_STREAM. */
  readonly streamsReset: number;
  /** Long-lived streams open now: a GET stream, a `subscriptions/listen`. */
  readonly streams: number;
  /** Exchanges that wait for `release()`. */
  readonly held: number;
}

const DEFAULT_WAIT_MS = 5_000;

export class Ledger {
  readonly counts = {
    accepted: 0,
    open: 0,
    closed: 0,
    maxOpen: 0,
    requests: 0,
    calls: new Map<string, number>(),
    cancelled: 0,
    streamsReset: 0,
    streams: 0,
    held: 0,
  };
  readonly received: Received[] = [];
  /** The numbers of the sockets that are open. */
  readonly #open = new Set<number>();
  readonly #watchers = new Set<() => void>();
  readonly #keep: boolean;

  /** `keep` false counts without keeping the requests: for runs of many thousand calls. */
  constructor(keep: boolean) {
    this.#keep = keep;
  }

  changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Gives the socket its number. */
  accepted(): number {
    this.counts.accepted += 1;
    this.#open.add(this.counts.accepted);
    this.counts.open = this.#open.size;
    this.changed();
    return this.counts.accepted;
  }

  /** It is known by now which of the sockets before this one were still open when it was accepted. */
  settled(socket: number): void {
    const before = [...this.#open].filter((number) => number < socket);
    this.counts.maxOpen = Math.max(this.counts.maxOpen, before.length + 1);
    this.changed();
  }

  closed(socket: number): void {
    this.#open.delete(socket);
    this.counts.open = this.#open.size;
    this.counts.closed += 1;
    this.changed();
  }

  request(received: Received): void {
    this.counts.requests += 1;
    if (this.#keep) this.received.push(received);
    this.changed();
  }

  called(tool: string): void {
    this.counts.calls.set(tool, (this.counts.calls.get(tool) ?? 0) + 1);
    this.changed();
  }

  set(count: 'streams' | 'held', value: number): void {
    this.counts[count] = value;
    this.changed();
  }

  cancelled(): void {
    this.counts.cancelled += 1;
    this.changed();
  }

  streamReset(): void {
    this.counts.streamsReset += 1;
    this.changed();
  }

  /** Resolves as soon as `holds()` is true; it is asked again after every change. No polling. */
  waitFor(holds: () => boolean, what: string, timeoutMs = DEFAULT_WAIT_MS): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const watcher = () => {
        if (!holds()) return;
        stop();
        resolve();
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`waited ${timeoutMs} ms for ${what}; the lab counts ${this.#summary()}`));
      }, timeoutMs);
      const stop = () => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
      };
      this.#watchers.add(watcher);
    });
  }

  #summary(): string {
    return JSON.stringify({ ...this.counts, calls: Object.fromEntries(this.counts.calls) });
  }
}
