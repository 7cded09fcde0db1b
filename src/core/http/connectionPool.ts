import { isSluiceError, SluiceError } from '../errors.ts';
import type { Clock } from '../metrics/clock.ts';
import { Connection } from './connection.ts';
import type { Connector } from './connector.ts';
import type { DrainBudget } from './drain.ts';
import { Exchange, type ExchangeHandler, type HttpRequest } from './exchange.ts';
import type { Origin } from './origin.ts';
import type { PoolCounts, PoolLimits } from './poolCounts.ts';
import { closedError, lostBeforeSending, queueFull, queueTimeout, tooManyStreams } from './poolFailure.ts';
import { chooseConnection, DRAIN_GRACE } from './reusePolicy.ts';

/** `call` connections are capped and shared; a `stream` lives long, so it has a connection of its own and no share in the cap. */
export type Lane = 'call' | 'stream';

export interface PoolObserver {
  /** @param ms what opening took, where the change is `opened` or `failed`; how long it lived where `closed` */
  onConnection(id: number, change: 'opened' | 'closed' | 'failed', detail: string, ms: number): void;
}

export interface PoolOptions {
  readonly origin: Origin;
  readonly connector: Connector;
  readonly limits: PoolLimits;
  readonly drain: DrainBudget;
  readonly clock: Clock;
  readonly observer: PoolObserver;
}

/** Requests that may wait for a connection; more is a flood, and an error tells more than a queue. */
const MAX_QUEUED = 10_000;
/** Long-lived streams of one server. */
const MAX_STREAMS = 16;
/** Connections that may die under one request before it was written. */
const MAX_MOVES = 3;

type Slot =
  | { readonly kind: 'idle'; readonly since: number; readonly cancelTimeout?: () => void }
  | { readonly kind: 'carries'; readonly exchange: Exchange };

interface Queued {
  readonly exchange: Exchange;
  readonly cancelTimeout: () => void;
}

/**
 * The connections of one origin. A request takes an idle one or waits for whichever comes first: one that is being
 * opened for it, or one that another request gives back. Nothing waits for a drain.
 */
export class ConnectionPool {
  readonly #options: PoolOptions;
  readonly #slots = new Map<Connection, Slot>();
  readonly #streams = new Map<Connection, Exchange | undefined>();
  #queue: Queued[] = [];
  #graceTimer: (() => void) | undefined;
  #opening = 0;
  #openingStreams = 0;
  readonly #closing = new AbortController();
  #nextId = 1;
  #opened = 0;
  #requests = 0;
  #reused = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Sends a request as soon as there is a connection. Every outcome reaches `handler`, never this call. */
  dispatch(request: HttpRequest, handler: ExchangeHandler, lane: Lane = 'call'): Exchange {
    const { clock, drain } = this.#options;
    const exchange = new Exchange(request, handler, this.#owner, { clock, budget: drain });
    if (this.#closing.signal.aborted) {
      queueMicrotask(() => exchange.fail(closedError()));
    } else if (lane === 'stream') {
      void this.#openStream(exchange);
    } else if (this.#queue.length >= MAX_QUEUED) {
      queueMicrotask(() => exchange.fail(queueFull(MAX_QUEUED)));
    } else {
      this.#enqueue(exchange);
      this.#place();
    }
    return exchange;
  }

  /** Opens a connection ahead of the next request, if none is idle or on its way. */
  warmUp(): void {
    if (this.#closing.signal.aborted || this.#opening > 0 || this.#slots.size > 0) return;
    void this.#open();
  }

  counts(): PoolCounts {
    let busy = 0;
    let draining = 0;
    let idle = 0;
    let warm = 0;
    for (const [connection, slot] of this.#slots) {
      if (slot.kind === 'idle') connection.uses === 0 ? warm++ : idle++;
      else slot.exchange.drainingSince === undefined ? busy++ : draining++;
    }
    return {
      busy,
      draining,
      idle,
      warm,
      queued: this.#queue.length,
      opened: this.#opened,
      requests: this.#requests,
      reused: this.#reused,
    };
  }

  /** Closes every connection; what is under way fails with `closed`. */
  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(closedError());
    this.#graceTimer?.();
    for (const { exchange } of this.#queue.splice(0)) exchange.fail(closedError());
    for (const [connection, slot] of [...this.#slots]) {
      if (slot.kind === 'carries') slot.exchange.abort(closedError());
      connection.close();
    }
    for (const [connection, exchange] of [...this.#streams]) {
      exchange?.abort(closedError());
      connection.close();
    }
  }

  readonly #owner = {
    requeue: (exchange: Exchange) => {
      exchange.moves++;
      if (this.#closing.signal.aborted) return exchange.fail(closedError());
      if (exchange.moves > MAX_MOVES) return exchange.fail(lostBeforeSending(exchange.moves));
      this.#enqueue(exchange, 'front');
      this.#place();
    },
    draining: () => this.#place(),
    ended: (exchange: Exchange, fit: boolean) => {
      const { connection } = exchange;
      if (connection === undefined) return this.#forget(exchange);
      if (this.#streams.has(connection)) return connection.close();
      if (!this.#slots.has(connection)) return this.#place();
      if (fit) this.#slots.set(connection, { kind: 'idle', since: this.#options.clock.now() });
      else {
        this.#slots.delete(connection);
        connection.close();
      }
      this.#place();
    },
  };

  #enqueue(exchange: Exchange, end: 'front' | 'back' = 'back'): void {
    const { clock, limits } = this.#options;
    const cancelTimeout = clock.schedule(limits.queueTimeout, () =>
      exchange.fail(queueTimeout(limits, this.counts())),
    );
    const queued = { exchange, cancelTimeout };
    if (end === 'front') this.#queue.unshift(queued);
    else this.#queue.push(queued);
  }

  /** It ended while it waited: cancelled, or its time was up. */
  #forget(exchange: Exchange): void {
    const index = this.#queue.findIndex((queued) => queued.exchange === exchange);
    if (index >= 0) this.#queue.splice(index, 1)[0]?.cancelTimeout();
  }

  #place(): void {
    for (;;) {
      const next = this.#queue[0];
      if (next === undefined) return;
      const choice = chooseConnection(this.#view());
      switch (choice.kind) {
        case 'use':
          this.#queue.shift();
          next.cancelTimeout();
          this.#assign(next.exchange, choice.connection);
          break;
        case 'open':
          void this.#open();
          break;
        case 'replace': {
          const slot = this.#slots.get(choice.connection);
          if (slot?.kind === 'carries') slot.exchange.cutDrain();
          break;
        }
        case 'wait':
          return this.#lookAgainAfterGrace();
      }
    }
  }

  /** At the cap a drain is given a moment; when it is over, nothing else would place the request that waits. */
  #lookAgainAfterGrace(): void {
    const { clock } = this.#options;
    if (this.#graceTimer !== undefined || this.counts().draining === 0) return;
    this.#graceTimer = clock.schedule(DRAIN_GRACE, () => {
      this.#graceTimer = undefined;
      this.#place();
    });
  }

  #view() {
    const idle: { connection: Connection; idleSince: number; uses: number }[] = [];
    const draining: { connection: Connection; drainingSince: number }[] = [];
    for (const [connection, slot] of this.#slots) {
      if (slot.kind === 'idle') {
        if (connection.usable) idle.push({ connection, idleSince: slot.since, uses: connection.uses });
      } else if (slot.exchange.drainingSince !== undefined) {
        draining.push({ connection, drainingSince: slot.exchange.drainingSince });
      }
    }
    return {
      idle,
      draining,
      now: this.#options.clock.now(),
      open: this.#slots.size,
      opening: this.#opening,
      waiting: this.#queue.length,
      maxConnections: this.#options.limits.maxConnections,
    };
  }

  #assign(exchange: Exchange, connection: Connection): void {
    const slot = this.#slots.get(connection);
    if (slot?.kind === 'idle') slot.cancelTimeout?.();
    this.#requests++;
    if (connection.uses > 0) this.#reused++;
    this.#slots.set(connection, { kind: 'carries', exchange });
    exchange.assign(connection);
  }

  async #open(): Promise<void> {
    this.#opening++;
    try {
      const connection = await this.#connect((lost) => {
        this.#slots.delete(lost);
        this.#place();
      });
      this.#opening--;
      const { clock, limits } = this.#options;
      // undici counts the idleness of a connection that has served; of one that has not, nobody does.
      const cancelTimeout = clock.schedule(limits.idleTimeout, () => connection.close());
      this.#slots.set(connection, { kind: 'idle', since: clock.now(), cancelTimeout });
    } catch (error) {
      this.#opening--;
      const head = this.#queue.shift();
      head?.cancelTimeout();
      head?.exchange.fail(error as SluiceError);
    }
    this.#place();
  }

  async #openStream(exchange: Exchange): Promise<void> {
    if (this.#streams.size + this.#openingStreams >= MAX_STREAMS) {
      queueMicrotask(() => exchange.fail(tooManyStreams(MAX_STREAMS)));
      return;
    }
    this.#openingStreams++;
    try {
      const connection = await this.#connect((lost) => this.#streams.delete(lost));
      if (!exchange.isWaiting) return connection.close();
      this.#streams.set(connection, exchange);
      this.#requests++;
      exchange.assign(connection);
    } catch (error) {
      exchange.fail(error as SluiceError);
    } finally {
      this.#openingStreams--;
    }
  }

  /** @throws SluiceError, always */
  async #connect(onClose: (connection: Connection) => void): Promise<Connection> {
    const { origin, connector, limits, clock, observer } = this.#options;
    const id = this.#nextId++;
    const startedAt = clock.now();
    try {
      const opened = await connector(this.#closing.signal);
      if (this.#closing.signal.aborted) {
        opened.socket.destroy();
        throw closedError();
      }
      this.#opened++;
      observer.onConnection(id, 'opened', origin.href, opened.openedAt - opened.startedAt);
      return new Connection({
        id,
        origin,
        opened,
        idleTimeout: limits.idleTimeout,
        onClose: (connection) => {
          const lived = clock.now() - connection.openedAt;
          onClose(connection);
          observer.onConnection(id, 'closed', `after ${connection.uses} requests`, lived);
        },
      });
    } catch (cause) {
      const error = isSluiceError(cause)
        ? cause
        : new SluiceError('connect-failed', String(cause), { phase: 'connect', cause });
      observer.onConnection(id, 'failed', error.message, clock.now() - startedAt);
      throw error;
    }
  }
}
