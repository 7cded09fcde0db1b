import type { PoolConfig } from '../config/serverConfig.ts';
import type { SluiceError } from '../errors.ts';
import type { Clock } from '../metrics/clock.ts';
import { CallSlot, type OpenReason } from './callSlot.ts';
import { CallSlots } from './callSlots.ts';
import type { Connection, Opening } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { IdleConnections } from './idleConnections.ts';
import type { OriginFacts } from './learning/originFacts.ts';
import { OpeningAhead } from './openingAhead.ts';
import type { QueuedRequest } from './queuedRequest.ts';
import type { Available, Draining, PoolView } from './reusePolicy.ts';
import { SilenceWatch } from './silenceWatch.ts';
import { SocketCap } from './socketCap.ts';

export interface CallLaneOptions {
  readonly open: (opening: Opening) => Promise<Connection>;
  readonly limits: PoolConfig;
  readonly clock: Clock;
  readonly facts: OriginFacts;
  readonly signal: AbortSignal;
  /** A connection became usable, was lost, or could not be opened: a request that waits may look again. */
  readonly onChange: (failure?: SluiceError) => void;
  /** What was learnt has changed. */
  readonly onNews: () => void;
}

/**
 * The connections of one origin that carry calls: never more than the cap, idle ones kept as long as they are of use. It
 * opens and closes them; how many, `SocketCap`, `IdleConnections` and `OpeningAhead` tell.
 */
export class CallLane {
  readonly #options: CallLaneOptions;
  readonly #slots = new CallSlots();
  readonly #cap: SocketCap;
  readonly #idle: IdleConnections;
  readonly #ahead: OpeningAhead;
  readonly #watch: SilenceWatch;
  /** Requests that a connection of this origin carries at once, as far as is known. */
  #places = 1;

  constructor(options: CallLaneOptions) {
    this.#options = options;
    const { clock, limits, facts, signal, onNews, onChange } = options;
    const slots = this.#slots;
    this.#cap = new SocketCap(limits.maxConnections, slots);
    this.#ahead = new OpeningAhead({ clock, limits, facts, slots, cap: this.#cap });
    this.#idle = new IdleConnections({
      clock,
      limits,
      facts,
      signal,
      onDue: () => {
        this.#expire(clock.now());
        this.#idle.expectAll(slots);
      },
      onSurvived: (idleMs) => {
        if (facts.stayedOpen(idleMs)) onNews();
        onChange();
      },
    });
    this.#watch = new SilenceWatch({
      clock,
      facts,
      others: (exchange) => slots.othersThan(exchange),
      close: (connection) => this.evict(connection),
    });
  }

  get size(): number {
    return this.#slots.size;
  }

  get opening(): number {
    return this.#cap.opening;
  }

  /** Until something changes, no request can be placed: at the cap, and each connection has one whose caller waits. */
  get isExhausted(): boolean {
    return this.#cap.opening === 0 && this.#slots.size >= this.#cap.most && this.#slots.areTaken;
  }

  /** A request that its connection has not begun to write; undefined where there is none, or others are on their way. */
  get unwritten(): Exchange | undefined {
    return this.#slots.unwritten;
  }

  /** Draining ones included; requests and what they reused are counted elsewhere. */
  count(): { busy: number; draining: number; idle: number; warm: number } {
    const counted = this.#slots.count();
    if (this.#idle.isTrying) counted.idle++;
    return counted;
  }

  /**
   * @param waiting requests that have no connection yet
   * @param next the request to be placed. Where another connection was lost under it, only ones will do that have carried
   *   nothing, as long as there is room for one. Where it is repeated, a shared one that was opened since does as well
   */
  view(waiting: number, next?: Pick<QueuedRequest, 'moves' | 'repeatedAt'>): PoolView<Connection> {
    const { clock, facts, limits } = this.#options;
    const { opening, most: maxConnections } = this.#cap;
    const now = clock.now();
    const usableFor = Math.min(facts.needs.usableFor, limits.idleTimeout);
    const never = limits.reuse === 'never';
    const moves = next?.moves ?? 0;
    const repeatedAt = next?.repeatedAt;
    const isRepeated = moves === 0 && repeatedAt !== undefined;
    const hasRoom = opening > 0 || this.#slots.size < maxConnections;
    const fresh = never || ((moves > 0 || isRepeated) && hasRoom);
    let coming = fresh && !isRepeated ? opening : opening * this.#places;
    const available: Available<Connection>[] = [];
    const draining: Draining<Connection>[] = [];
    for (const slot of this.#slots) {
      const { connection, carrying, idleSince } = slot;
      const isNew = isRepeated && !never && connection.isShared && connection.openedAt >= repeatedAt;
      const worn = fresh && connection.uses > 0 && !isNew;
      if (connection.isAsking && !worn && !slot.isSpent) coming += Math.max(0, this.#places - carrying.size);
      if (carrying.size < connection.capacity) {
        if (worn || slot.isSpent || (connection.uses > 0 && now - idleSince > usableFor)) continue;
        const { restingSince, uses } = connection;
        available.push({ connection, restingSince, idleSince, uses, carrying: carrying.size });
      } else if (slot.isHeldByDrain) {
        for (const { drainingSince } of slot.draining)
          if (drainingSince !== undefined) draining.push({ connection, drainingSince });
      }
    }
    return {
      available,
      draining,
      now,
      open: this.#slots.size,
      opening,
      coming,
      waiting,
      maxConnections,
    };
  }

  /** @param trial it has not rested, on purpose */
  assign(exchange: Exchange, connection: Connection, trial = false): void {
    const { clock, facts } = this.#options;
    const { rest, stall } = facts.needs;
    const rested = clock.now() - connection.restingSince >= rest;
    this.#ahead.placed(exchange.likeness);
    if (!rested && stall > 0 && !trial) this.#ahead.tire();
    const slot = this.#slots.get(connection);
    const alone = slot?.isQuiet === true;
    slot?.carrying.add(exchange);
    exchange.assign(connection, alone);
    if (this.#slots.size > 1 && (exchange.use === 1 || this.#slots.unused > 0)) this.#watch.begin(exchange);
  }

  /** The request that is placed next found none that has rested. */
  tire(): void {
    this.#ahead.tire();
  }

  /** The first byte of its answer has come. */
  begun(exchange: Exchange): void {
    const { connection, use } = exchange;
    if (connection?.ofDispatcher === false && use === 1)
      this.#options.facts.servedBeside(this.#slots.olderThan(connection));
    this.#watch.begun(exchange);
  }

  /** The server says how many more requests it will take on the connection of this one. */
  allow({ connection }: Exchange, more: number): void {
    if (connection !== undefined) this.#slots.get(connection)?.allow(more);
  }

  /** Its caller has the answer, and its connection not yet the end of the response. */
  draining(exchange: Exchange): void {
    const slot = exchange.connection && this.#slots.get(exchange.connection);
    slot?.draining.add(exchange);
  }

  /** @param isFit whether `connection` may carry another one @param isReset its stream was reset */
  ended(exchange: Exchange, connection: Connection, isFit: boolean, isReset = false): void {
    this.#watch.end(exchange);
    const slot = this.#slots.get(connection);
    if (slot === undefined) return;
    slot.carrying.delete(exchange);
    slot.draining.delete(exchange);
    if (isReset) slot.resets++;
    // Streams of others end first.
    if (slot.carrying.size > 0) return;
    const { limits, facts, clock } = this.#options;
    if (!isFit || slot.isSpent || limits.reuse === 'never') return this.#drop(connection);
    // Idle it would keep the server from one that waits.
    if (this.#slots.size > facts.needs.places) return this.#drop(connection);
    slot.idleSince = clock.now();
    this.#letIn();
    this.#idle.expect(slot, this.#slots);
  }

  /**
   * A request got no byte until its time was up: what took the server away may have taken it from idle connections too.
   * Those that have received nothing since, and do not check that themselves, are not believed any more.
   */
  dropSilent(sentAt: number): void {
    for (const { connection, carrying } of [...this.#slots]) {
      const lastHeard = Math.max(connection.openedAt, connection.restingSince);
      if (!connection.checksItself && carrying.size === 0 && lastHeard < sentAt) this.#drop(connection);
    }
  }

  /** Closes the idle ones whose time is over. */
  expire(): void {
    const now = this.#options.clock.now();
    if (this.#idle.isDue(now)) this.#expire(now);
  }

  #expire(now: number): void {
    for (const slot of [...this.#slots]) {
      if (this.#idle.expiresAt(slot) > now) continue;
      if (this.#idle.tries(slot)) this.#slots.delete(slot.connection);
      else this.#drop(slot.connection);
    }
  }

  /** Closes a connection that is idle or being drained, to make room. Where others go on, a drain that is cut is room enough. */
  evict(connection: Connection): void {
    const slot = this.#slots.get(connection);
    if (slot === undefined) return;
    if (!connection.abortEndsIt && slot.carrying.size > 0)
      return [...slot.carrying].find(({ drainingSince }) => drainingSince !== undefined)?.cutDrain();
    for (const exchange of [...slot.carrying]) exchange.cutDrain();
    if (this.#slots.has(connection) && slot.carrying.size === 0) this.#drop(connection);
  }

  async open(reason: OpenReason): Promise<void> {
    const { open, clock, facts, signal, onChange } = this.#options;
    this.#cap.want();
    if (this.#cap.isReached) this.#idle.endTrial();
    if (this.#cap.isReached) await this.#cap.room();
    this.#cap.enter();
    try {
      const connection = await open({
        signal,
        onClose: (lost) => this.#onClose(lost),
        onChange: (changed) => this.#onChange(changed),
      });
      this.#cap.opened();
      const { startedAt, openedAt, reachedIn } = connection;
      facts.opened(openedAt - startedAt, this.#slots.shownBy(connection), reachedIn);
      if (!connection.isAsking) this.#places = connection.capacity;
      this.#slots.add(new CallSlot(connection, reason, clock.now()));
      this.#idle.expectAll(this.#slots);
      onChange();
    } catch (error) {
      this.#cap.failed();
      this.#letIn();
      if (reason === 'ahead') this.#ahead.failed();
      // Who waits for this one gets the error; one that was opened ahead is missed by nobody yet.
      onChange(reason === 'request' ? (error as SluiceError) : undefined);
    }
  }

  /**
   * So many requests come at once in a moment: each is to find a connection. What none has taken within a second is closed.
   * @param roundTrip milliseconds to the server and back, at least
   */
  expect(requests: number, roundTrip: number): void {
    this.#watch.isAtLeast(roundTrip);
    const { most, opening } = this.#cap;
    const open = this.#slots.size + opening;
    for (let n = Math.min(requests, most) - open; n > 0; n--) void this.open('expected');
  }

  /** Opens one for a request that is about to be made, where that gains something and harms nobody. */
  warmUp(): void {
    if (this.#ahead.worthOne(this.view(1).available.length === 0)) void this.open('ahead');
  }

  /**
   * Opens what the coming requests will need, as far as the cap allows, and closes what no request has used and the
   * server may be waiting on.
   * @param waiting requests that wait for connections on their way
   */
  openAhead(waiting = 0): void {
    const { unused } = this.#slots;
    if (waiting === 0 && unused > 0) this.#closeUnproven();
    for (let n = this.#ahead.missing(waiting, unused); n > 0; n--) void this.open('ahead');
  }

  /** At once; what they carry fails with `error`. */
  close(error: SluiceError): void {
    this.#watch.close();
    this.#idle.close();
    for (const { connection, carrying } of [...this.#slots]) {
      for (const exchange of [...carrying]) exchange.abort(error);
      if (this.#slots.has(connection)) this.#drop(connection);
    }
  }

  /** Of those that nobody has used, as many as there are more than the server is known to serve others beside: the oldest first. */
  #closeUnproven(): void {
    const unused = [...this.#slots].filter(({ isUnused, reason }) => isUnused && reason !== 'expected');
    const tooMany = Math.max(0, unused.length - this.#ahead.silentAtMost());
    for (const slot of unused.slice(0, tooMany)) {
      if (slot.reason === 'ahead') this.#ahead.unproven();
      this.#drop(slot.connection);
    }
  }

  #drop(connection: Connection): void {
    this.#slots.delete(connection);
    connection.close();
  }

  #letIn(): void {
    if (!this.#cap.letIn()) return;
    for (const { connection, carrying } of this.#slots)
      if (carrying.size === 0) return this.#drop(connection);
  }

  /** It allows other numbers of streams, has an answer to its PING, or takes no more requests. */
  #onChange(connection: Connection): void {
    const slot = this.#slots.get(connection);
    if (slot === undefined) return;
    if (!connection.isAsking && connection.capacity > 0) this.#places = connection.capacity;
    if (connection.usable) return this.#options.onChange();
    if (slot.carrying.size > 0) {
      this.#letIn();
      return this.#options.onChange();
    }
    // To an idle one this is the beginning of its end.
    this.#closedByServer(connection, slot);
    connection.close();
  }

  #onClose(connection: Connection): void {
    this.#cap.closed();
    this.#letIn();
    const slot = this.#slots.get(connection);
    const triedSince = this.#idle.lost(connection);
    // What was taken out before, we closed ourselves.
    if (slot !== undefined || triedSince !== undefined) this.#closedByServer(connection, slot, triedSince);
  }

  /** @param triedSince since when it was left idle for a trial, if it was */
  #closedByServer(connection: Connection, slot: CallSlot | undefined, triedSince?: number): void {
    this.#slots.delete(connection);
    const { facts, clock, onChange, onNews } = this.#options;
    const idleSince = triedSince ?? (slot?.carrying.size === 0 ? slot.idleSince : undefined);
    if (idleSince !== undefined) {
      if (connection.uses === 0) this.#ahead.lost();
      else {
        const now = clock.now();
        if (facts.closedIdle(now - idleSince, now, connection.openedAt)) onNews();
      }
    }
    onChange();
  }
}
