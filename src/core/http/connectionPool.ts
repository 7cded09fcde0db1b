import type { PoolConfig } from '../config/serverConfig.ts';
import { isSluiceError, SluiceError } from '../errors.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Finding } from '../metrics/finding.ts';
import type { ConnectionChange } from '../trace/traceEvent.ts';
import { CallLane } from './callLane.ts';
import type { Connection, OpenConnection, Opening } from './connection.ts';
import { Cookies } from './cookies.ts';
import type { DrainBudget } from './drain.ts';
import {
  Exchange,
  type ExchangeHandler,
  type ExchangeOwner,
  type ExchangeTerms,
  type HttpRequest,
} from './exchange.ts';
import { OriginFacts, type OriginNeeds } from './learning/originFacts.ts';
import { answeredOf, type Observation } from './observation.ts';
import type { Origin } from './origin.ts';
import { Pace } from './pace.ts';
import type { PoolCounts } from './poolCounts.ts';
import { closedError, noPlaceBeside, queueFull, queueTimeout } from './poolFailure.ts';
import { QueuedRequest } from './queuedRequest.ts';
import { chooseConnection } from './reusePolicy.ts';
import { StreamLane } from './streamLane.ts';

/**
 * - `call`: connections are capped and shared.
 * - `stream`: lives long, so it has a connection of its own and no share in the cap.
 * - `aside`: what a call under way may depend on, such as the answer to what the server asks in the middle of it. It goes
 *   before the calls that wait, and where the cap is full of calls over a connection of its own.
 */
export type Lane = 'call' | 'stream' | 'aside';

/** Requests that come at once in a moment. */
export interface Following {
  readonly calls: number;
  /** The stream on which a legacy server speaks unasked, where the transport has one apart. */
  readonly stream: boolean;
}

/** By what it is known that a server is far. */
export interface Far {
  /** Milliseconds to it and back, at least. */
  readonly roundTrip?: number;
  /** Milliseconds: only if opening a connection has taken so long. */
  readonly openedIn?: number;
}

export interface PoolObserver {
  /** @param ms what opening took, where the change is `opened` or `failed`; how long it lived where `closed` */
  onConnection(id: number, change: ConnectionChange, ms: number): void;
  /** The counts read differently now. */
  onChange?(): void;
  /** What was learnt of the origin has changed. */
  onFindings?(findings: readonly Finding[]): void;
}

export interface PoolOptions {
  readonly origin: Origin;
  readonly open: OpenConnection;
  /** The proxy's URL, for people to read. */
  readonly via?: string | undefined;
  readonly limits: PoolConfig;
  readonly drain: DrainBudget;
  readonly clock: Clock;
  readonly observer: PoolObserver;
}

/** Requests that may wait for a connection; more is a flood, and an error tells more than a queue. */
const MAX_QUEUED = 10_000;
/** Long-lived streams of one server. */
const MAX_STREAMS = 16;
/** With those that carry what goes aside: one for each call that may be on its way. */
const MAX_ASIDE = MAX_STREAMS + 256;
/** Milliseconds in which a caller's dispatcher begins to write a request, and twice the longest that it took so far. */
const START_PATIENCE = 1_000;

/** Waiting requests that fail in one turn of the event loop when the pool is closed. */
const FAILED_AT_ONCE = 100;

/**
 * The way of a request to a connection of its origin. It takes one that is ready or waits for whatever comes first: one
 * that is being opened, one that another request gives back, one that has rested. Nothing waits for a stream that does
 * not end.
 */
export class ConnectionPool {
  /** Of its origin; what responses set, the room above sends with its requests. */
  readonly cookies: Cookies;
  readonly #options: PoolOptions;
  readonly #terms: ExchangeTerms;
  readonly #facts: OriginFacts;
  readonly #calls: CallLane;
  readonly #streams: StreamLane;
  readonly #closing = new AbortController();
  #queue: QueuedRequest[] = [];
  /** Those that lost a connection on their way: what befell them counts until they end. */
  readonly #moved = new WeakMap<Exchange, QueuedRequest>();
  #lookAgain: { readonly at: number; readonly cancel: () => void } | undefined;
  #cancelStartWatch: (() => void) | undefined;
  #slowestStart = 0;
  #nextId = 1;
  #opened = 0;
  #requests = 0;
  #reused = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
    const { origin, limits, clock } = options;
    this.#terms = { clock, budget: options.drain, pace: new Pace(clock) };
    this.cookies = new Cookies(origin.secure, () => clock.wallTime());
    this.#facts = new OriginFacts({ ...limits, secure: origin.secure });
    const open = (opening: Opening) => this.#open(opening);
    this.#calls = new CallLane({
      open,
      limits,
      clock,
      facts: this.#facts,
      signal: this.#closing.signal,
      onChange: (failure) => {
        if (failure !== undefined) this.#queue[0]?.exchange.fail(failure);
        this.#place();
        this.#options.observer.onChange?.();
      },
      onNews: () => this.#tellNews(),
    });
    this.#streams = new StreamLane(open, this.#closing.signal, clock);
  }

  /** Sends a request as soon as there is a connection. Every outcome reaches `handler`, never this call. */
  dispatch(request: HttpRequest, handler: ExchangeHandler, lane: Lane = 'call'): Exchange {
    const exchange = new Exchange(request, handler, this.#owner, this.#terms);
    if (this.#closing.signal.aborted) {
      queueMicrotask(() => exchange.fail(closedError()));
    } else if (lane === 'stream' || (lane === 'aside' && this.#isFull())) {
      this.#requests++;
      void this.#streams.dispatch(exchange, lane === 'stream' ? MAX_STREAMS : MAX_ASIDE);
    } else if (this.#queue.length >= MAX_QUEUED) {
      queueMicrotask(() => exchange.fail(queueFull(MAX_QUEUED)));
    } else {
      this.#facts.arrivals.add(exchange.marks.asked);
      this.#enqueue(new QueuedRequest(exchange), lane === 'aside' ? 'front' : 'back');
    }
    return exchange;
  }

  /**
   * Opens a connection ahead of the next request, if none is idle or on its way, where a handshake takes long enough to
   * be felt, and the server is known to serve others meanwhile. It is kept for two seconds.
   */
  warmUp(): void {
    if (!this.#closing.signal.aborted) this.#calls.warmUp();
  }

  /**
   * Opens connections for what comes in a moment. Without effect where the settings want none ahead, and over TLS: its handshake
   * takes longer than what comes before the calls, and HTTP/2 carries all on one connection.
   */
  expect({ calls, stream }: Following, { roundTrip = 0, openedIn = 0 }: Far): void {
    const { origin, limits } = this.#options;
    if (this.#closing.signal.aborted || origin.secure || limits.warmConnections === 0) return;
    if (this.#facts.needs.handshake < openedIn) return;
    this.#calls.expect(calls, roundTrip);
    if (stream) this.#streams.expect();
  }

  counts(): PoolCounts {
    return {
      ...this.#calls.count(),
      queued: this.#queue.length,
      opened: this.#opened,
      requests: this.#requests,
      reused: this.#reused,
    };
  }

  /** The proxy by whose way connections are opened, as it may be shown. */
  get via(): string | undefined {
    return this.#options.via;
  }

  /** What is under way holds everything else up. */
  get hasOnePlace(): boolean {
    return this.#options.limits.maxConnections === 1;
  }

  /** What was learnt of the origin so far. */
  findings(): readonly Finding[] {
    return this.#facts.findings();
  }

  /** Closes every connection; what is under way fails with `closed`. */
  close(): void {
    if (this.#closing.signal.aborted) return;
    const error = closedError();
    this.#closing.abort(error);
    this.#lookAgain?.cancel();
    this.#cancelStartWatch?.();
    const waiting = this.#queue;
    this.#queue = [];
    for (const { cancelTimeout } of waiting) cancelTimeout?.();
    this.#calls.close(error);
    this.#streams.close(error);
    this.#failAll(waiting, error.but({ delivery: 'not-sent' }));
  }

  /** Some in each turn of the event loop: what ten thousand callers do with their errors takes seconds. */
  #failAll(waiting: readonly QueuedRequest[], error: SluiceError, from = 0): void {
    const next = from + FAILED_AT_ONCE;
    for (const { exchange } of waiting.slice(from, next)) exchange.fail(error);
    if (next < waiting.length) this.#options.clock.schedule(0, () => this.#failAll(waiting, error, next));
  }

  readonly #owner: ExchangeOwner = {
    requeue: (exchange, lost) => {
      const isRefused = lost.isShared && lost.usable;
      const queued = this.#moved.get(exchange) ?? new QueuedRequest(exchange);
      this.#moved.set(exchange, queued);
      const failure = queued.notTaken(lost, isRefused);
      this.#calls.ended(exchange, lost, isRefused);
      if (this.#closing.signal.aborted) return exchange.fail(closedError());
      if (failure !== undefined) return exchange.fail(failure);
      this.#enqueue(queued, 'front');
    },
    silent: (sentAt) => this.#calls.dropSilent(sentAt),
    draining: (exchange) => {
      this.#calls.draining(exchange);
      this.#place();
    },
    setCookies: (cookies, path) => this.cookies.keep(cookies, path),
    begun: (exchange, { seconds, requests }) => {
      this.#calls.begun(exchange);
      if (requests !== undefined) this.#calls.allow(exchange, requests);
      if (seconds !== undefined && this.#facts.keepAliveHint(seconds)) this.#tellNews();
    },
    ended: (exchange, seen) => {
      const { connection, isFit, drain } = seen;
      if (connection === undefined) return this.#forget(exchange);
      const { assigned = 0, sent = assigned } = seen.marks;
      this.#slowestStart = Math.max(this.#slowestStart, sent - assigned);
      if (this.#streams.has(connection)) return connection.close();
      this.#learn(seen, connection);
      this.#calls.ended(exchange, connection, isFit, drain?.outcome === 'reset');
      this.#place();
      this.#options.observer.onChange?.();
    },
  };

  #isFull(): boolean {
    const { available, open, opening, maxConnections } = this.#calls.view(1);
    return available.length === 0 && open + opening >= maxConnections;
  }

  #learn(seen: Observation, connection: Connection): void {
    const answered = answeredOf(seen);
    if (answered !== undefined) {
      if (this.#facts.answered(answered)) this.#tellNews();
    } else if (seen.isUnanswered && seen.use > 1) this.#learnClose(seen, connection);
  }

  /** The server's close may have met the request on its way: then the connection was kept idle for too long. */
  #learnClose({ rest, marks }: Observation, { isShared, openedAt }: Connection): void {
    // There the server tells the requests apart that it has not taken.
    if (isShared) return;
    const now = this.#options.clock.now();
    const sinceSent = now - (marks.sent ?? marks.assigned ?? now);
    if (this.#facts.closedUnder(sinceSent, rest, now, openedAt)) this.#tellNews();
  }

  #tellNews(): void {
    this.#options.observer.onFindings?.(this.#facts.findings());
  }

  #enqueue(queued: QueuedRequest, end: 'front' | 'back'): void {
    if (end === 'front') this.#queue.unshift(queued);
    else this.#queue.push(queued);
    this.#place();
    if (queued.exchange.isWaiting) this.#startTimeout(queued);
  }

  #startTimeout(queued: QueuedRequest): void {
    const { clock, limits } = this.#options;
    queued.cancelTimeout = clock.schedule(limits.queueTimeout, () => {
      // What is being opened for it is no queue: opening has an end of its own.
      if (this.#queue.indexOf(queued) < this.#calls.opening) this.#startTimeout(queued);
      else queued.exchange.fail(queueTimeout(limits, this.counts()));
    });
  }

  /** It ended while it waited: cancelled, or its time was up. */
  #forget(exchange: Exchange): void {
    const index = this.#queue.findIndex((queued) => queued.exchange === exchange);
    if (index < 0) return;
    // Where all are cancelled at once, it is the first each time: `splice` would move all behind it.
    const [queued] = index === 0 ? [this.#queue.shift()] : this.#queue.splice(index, 1);
    queued?.cancelTimeout?.();
  }

  #place(): void {
    if (this.#closing.signal.aborted) return;
    // What must not be used any more must not take a place either.
    if (this.#facts.needs.usableFor < Number.POSITIVE_INFINITY || this.#options.limits.idleTimeout === 0)
      this.#calls.expire();
    for (;;) {
      const next = this.#queue[0];
      if (next === undefined) return this.#calls.openAhead();
      if (this.#calls.isExhausted) return;
      const view = this.#calls.view(this.#queue.length, next);
      const needs = this.#needsOf(next.exchange);
      const choice = chooseConnection(view, needs);
      switch (choice.kind) {
        case 'use':
          this.#queue.shift();
          next.cancelTimeout?.();
          this.#requests++;
          if (choice.connection.uses > 0) this.#reused++;
          if (choice.trial === true) this.#facts.trying();
          this.#calls.assign(next.exchange, choice.connection, choice.trial);
          if (choice.connection.ofDispatcher) this.#watchStart(next.exchange);
          break;
        case 'open':
          void this.#calls.open('request');
          break;
        case 'replace':
          this.#calls.evict(choice.connection);
          break;
        case 'wait':
          if (choice.until !== undefined) {
            if (!needs.suspected) this.#calls.tire();
            this.#facts.waited();
            this.#lookAgainAt(choice.until);
          }
          return this.#calls.openAhead(this.#queue.length);
      }
    }
  }

  /**
   * A caller's dispatcher has places of its own, and does not tell how many. That long-lived streams hold all of them
   * shows in nothing but a request which is not begun while no other is on its way: then the streams give way.
   */
  #watchStart(exchange: Exchange): void {
    if (this.#streams.isEmpty || this.#cancelStartWatch !== undefined) return;
    const patience = Math.max(START_PATIENCE, 2 * this.#slowestStart);
    this.#cancelStartWatch = this.#options.clock.schedule(patience, () => {
      this.#cancelStartWatch = undefined;
      const { unwritten } = this.#calls;
      if (unwritten === exchange) this.#streams.giveWay(noPlaceBeside(patience));
      else if (unwritten !== undefined) this.#watchStart(unwritten);
    });
  }

  /** What is only suspected of its like is not asked for while others wait behind it. */
  #needsOf({ likeness }: Exchange): OriginNeeds {
    const inTheWay =
      this.#facts.suspects(likeness) && this.#queue.some(({ exchange }) => exchange.likeness !== likeness);
    return inTheWay ? this.#facts.needs : this.#facts.needsOf(likeness);
  }

  /** What the request waits for is a moment, and nothing else would place it then. */
  #lookAgainAt(at: number): void {
    if (this.#lookAgain !== undefined && this.#lookAgain.at <= at) return;
    this.#lookAgain?.cancel();
    const { clock } = this.#options;
    const cancel = clock.schedule(Math.max(1, at - clock.now()), () => {
      this.#lookAgain = undefined;
      this.#place();
    });
    this.#lookAgain = { at, cancel };
  }

  /** @throws SluiceError, always */
  async #open({ onClose, ...opening }: Opening): Promise<Connection> {
    const { signal } = opening;
    const { origin, open, via, clock, observer } = this.#options;
    const id = this.#nextId++;
    const startedAt = clock.now();
    try {
      const connection = await open(id, {
        ...opening,
        onClose: (lost) => {
          const lived = clock.now() - lost.openedAt;
          onClose(lost);
          observer.onConnection(id, { change: 'closed', uses: lost.uses }, lived);
        },
      });
      if (signal.aborted) {
        connection.close();
        throw closedError();
      }
      this.#opened++;
      const { openedAt, httpVersion } = connection;
      const way = via === undefined ? {} : { via };
      observer.onConnection(
        id,
        { change: 'opened', origin: origin.href, ...way, httpVersion },
        openedAt - connection.startedAt,
      );
      return connection;
    } catch (cause) {
      const error = isSluiceError(cause)
        ? cause
        : new SluiceError('connect-failed', String(cause), {
            phase: 'connect',
            delivery: 'not-sent',
            cause,
          });
      const { code, message } = error;
      observer.onConnection(id, { change: 'failed', error: { code, message } }, clock.now() - startedAt);
      throw error;
    }
  }
}
