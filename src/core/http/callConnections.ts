import type { PoolConfig } from '../config/serverConfig.ts';
import type { SluiceError } from '../errors.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Connection, Opening } from './connection.ts';
import { type Exchange, likenessOf } from './exchange.ts';
import { IdleTrial } from './idleTrial.ts';
import type { OriginFacts } from './learning/originFacts.ts';
import type { Available, Draining, PoolView } from './reusePolicy.ts';
import { type Other, SilenceWatch } from './silenceWatch.ts';
import { connectionsAhead, linger, silentAtMost, worthOpening, worthTrying } from './warmPolicy.ts';

export interface CallConnectionsOptions {
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

/** Why a connection is opened: `ahead` of the requests it is kept only as long as these go on coming. */
type Reason = 'request' | 'ahead';

/**
 * Streams that are reset on one HTTP/2 connection before another takes its place: servers count resets since the
 * attack that was named after them, and end a connection with all its streams (node: after 1,000 in quick succession).
 */
const MAX_RESETS = 500;

/** Two among so many requests that found no connection rested are no chance: then more of them take turns, by half. */
const TIRED = { requests: 16, more: 1.5 };

interface Slot {
  readonly connection: Connection;
  readonly reason: Reason;
  readonly carrying: Set<Exchange>;
  /** Of these, the ones whose callers have their answers: kept, since each call asks of all connections whether there are any. */
  readonly draining: Set<Exchange>;
  /** Streams of it that we reset. */
  resets: number;
  /** Requests that it may carry in all, as far as the server says. */
  allowed: number;
  /** When it became idle last, or was opened. */
  idleSince: number;
}

/** Milliseconds in which a connection is taken by the request that it was opened for. */
const TAKEN_WITHIN = 1_000;

/** Connections opened to show whether the server serves two at a time, and closed since that did not show. */
const MAX_VAIN = 3;

/** Warm connections that the server may close unused before no more are opened for it, until the next request. */
const MAX_WARM_LOST = 2;

/** The connections of one origin that carry calls: never more than the cap, idle ones kept as long as they are of use. */
export class CallConnections {
  readonly #options: CallConnectionsOptions;
  readonly #slots = new Map<Connection, Slot>();
  #opening = 0;
  /** Sockets that exist: from the beginning of their opening until they are closed indeed. */
  #sockets = 0;
  readonly #idleTrial: IdleTrial;
  readonly #waitForRoom: (() => void)[] = [];
  #expiry: { readonly at: number; readonly cancel: () => void } | undefined;
  /** One was opened since all had carried something: asked at each call. */
  #mayBeUnused = false;
  #warmLost = 0;
  #vain = 0;
  readonly #watch: SilenceWatch;
  /** Requests that a connection of this origin carries at once, as far as is known. */
  #places = 1;
  /** Requests that were placed; and at which of them the last one found no connection rested. */
  #placed = 0;
  #tiredAt = Number.NEGATIVE_INFINITY;
  /** Connections that are to take turns, until there are as many. */
  #turns = 0;
  /** What was asked last: the next ones are likely to be alike. */
  #likeness = '';

  constructor(options: CallConnectionsOptions) {
    this.#options = options;
    const { clock, facts, onNews, onChange } = options;
    this.#watch = new SilenceWatch({
      clock,
      facts,
      others: (exchange) => this.#othersThan(exchange),
      close: (connection) => this.evict(connection),
    });
    this.#idleTrial = new IdleTrial(clock, (idleMs) => {
      if (facts.stayedOpen(idleMs)) onNews();
      onChange();
    });
  }

  get size(): number {
    return this.#slots.size;
  }

  get opening(): number {
    return this.#opening;
  }

  /** One more can be opened without closing another. */
  get hasRoom(): boolean {
    return this.#sockets < this.#options.limits.maxConnections;
  }

  /** Until something changes, no request can be placed: at the cap, and each connection has one whose caller waits. */
  get isExhausted(): boolean {
    if (this.#opening > 0 || this.#slots.size < this.#cap) return false;
    for (const { connection, carrying, draining } of this.#slots.values())
      if (carrying.size < connection.capacity || connection.isAsking || draining.size > 0) return false;
    return true;
  }

  has(connection: Connection): boolean {
    return this.#slots.has(connection);
  }

  /**
   * @param waiting requests that have no connection yet
   * @param next the request to be placed. Where another connection was lost under it, only ones will do that have carried
   *   nothing, as long as there is room for one. Where it is repeated, one over HTTP/2 that was opened since does as well
   */
  view(waiting: number, next?: Pick<Exchange, 'moves' | 'repeatedAt'>): PoolView<Connection> {
    const { clock, facts, limits } = this.#options;
    const now = clock.now();
    const usableFor = Math.min(facts.needs.usableFor, limits.idleTimeout);
    const maxConnections = this.#cap;
    const never = limits.reuse === 'never';
    const { moves = 0, repeatedAt } = next ?? {};
    const isRepeated = moves === 0 && repeatedAt !== undefined;
    const hasRoom = this.#opening > 0 || this.#slots.size < maxConnections;
    const fresh = never || ((moves > 0 || isRepeated) && hasRoom);
    let coming = fresh && !isRepeated ? this.#opening : this.#opening * this.#places;
    const available: Available<Connection>[] = [];
    const draining: Draining<Connection>[] = [];
    for (const slot of this.#slots.values()) {
      const { connection, carrying, idleSince } = slot;
      const isNew =
        isRepeated && !never && connection.httpVersion === '2' && connection.openedAt >= repeatedAt;
      const worn = fresh && connection.uses > 0 && !isNew;
      if (connection.isAsking && !worn && !isSpent(slot)) coming += Math.max(0, this.#places - carrying.size);
      if (carrying.size < connection.capacity) {
        if (worn || isSpent(slot) || (connection.uses > 0 && now - idleSince > usableFor)) continue;
        const { restingSince, uses } = connection;
        available.push({ connection, restingSince, idleSince, uses, carrying: carrying.size });
      } else if (
        slot.draining.size > 0 &&
        (connection.httpVersion === '1.1' || (connection.capacity > 0 && !isSpent(slot)))
      ) {
        for (const { drainingSince } of slot.draining)
          if (drainingSince !== undefined) draining.push({ connection, drainingSince });
      }
    }
    return {
      available,
      draining,
      now,
      open: this.#slots.size,
      opening: this.#opening,
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
    this.#placed++;
    this.#likeness = likenessOf(exchange.request);
    if (!rested && stall > 0 && !trial) this.tire();
    const carrying = this.#slots.get(connection)?.carrying;
    const alone = carrying !== undefined && isQuiet(carrying);
    carrying?.add(exchange);
    this.#warmLost = 0;
    exchange.assign(connection, alone);
    if (this.#slots.size > 1 && (exchange.use === 1 || this.#hasUnused())) this.#watch.begin(exchange);
  }

  /** Its caller has the answer, and its connection not yet the end of the response. */
  draining(exchange: Exchange): void {
    const slot = exchange.connection && this.#slots.get(exchange.connection);
    slot?.draining.add(exchange);
  }

  /** The first byte of its answer has come. */
  begun(exchange: Exchange): void {
    const { connection, use } = exchange;
    if (connection?.ofDispatcher === false && use === 1)
      this.#options.facts.servedBeside(this.#olderThan(connection));
    this.#watch.begun(exchange);
  }

  /** The server says how many more requests it will take on the connection of this one. */
  allow({ connection }: Exchange, more: number): void {
    const slot = connection && this.#slots.get(connection);
    // Some count down and mean those to come, some always tell the whole: this is within both.
    if (slot !== undefined) slot.allowed = Math.min(slot.allowed, slot.connection.uses - 1 + more);
  }

  /**
   * A request over HTTP/1.1 got no byte until its time was up: what took the server away may have taken it from idle
   * connections too. Those that have received nothing since are not believed any more.
   */
  dropSilent(sentAt: number): void {
    for (const slot of [...this.#slots.values()]) {
      const { connection, carrying } = slot;
      const lastHeard = Math.max(connection.openedAt, connection.restingSince);
      if (connection.httpVersion === '1.1' && carrying.size === 0 && lastHeard < sentAt) this.#drop(slot);
    }
  }

  /** Closes the idle ones whose time is over. */
  expire(): void {
    const now = this.#options.clock.now();
    for (const slot of [...this.#slots.values()]) if (this.#expiresAt(slot) <= now) this.#retire(slot);
  }

  /** The request that is placed next found none that has rested. */
  tire(): void {
    if (this.#tiredAt === this.#placed) return;
    const again = this.#placed - this.#tiredAt < TIRED.requests;
    this.#tiredAt = this.#placed;
    // Those that were opened for the last ones have to show first whether they are enough.
    if (!again || this.#slots.size < this.#turns || this.#hasUnused()) return;
    this.#turns = Math.min(this.#cap, Math.ceil(this.#slots.size * TIRED.more));
    this.#tiredAt = Number.NEGATIVE_INFINITY;
  }

  /** An exchange is over. */
  release(exchange: Exchange, connection: Connection, fit: boolean, reset = false): void {
    this.#watch.end(exchange);
    const slot = this.#slots.get(connection);
    if (slot === undefined) return;
    slot.carrying.delete(exchange);
    slot.draining.delete(exchange);
    if (reset) slot.resets++;
    // Streams of others end first.
    if (slot.carrying.size > 0) return;
    const { limits, facts } = this.#options;
    if (!fit || isSpent(slot) || limits.reuse === 'never') return this.#drop(slot);
    // Idle it would keep the server from one that waits.
    if (this.#slots.size > facts.needs.places) return this.#drop(slot);
    slot.idleSince = this.#options.clock.now();
    this.#letIn();
    // Where nothing is known of the server's closes, what was idle before goes before it.
    this.#expireLater(facts.needs.usableFor === Number.POSITIVE_INFINITY ? [slot] : this.#slots.values());
  }

  /** Closes a connection that is idle or being drained, to make room. Over HTTP/2 a drain that is cut is room enough. */
  evict(connection: Connection): void {
    const slot = this.#slots.get(connection);
    if (slot === undefined) return;
    if (connection.httpVersion === '2' && slot.carrying.size > 0)
      return [...slot.carrying].find(({ drainingSince }) => drainingSince !== undefined)?.cutDrain();
    for (const exchange of [...slot.carrying]) exchange.cutDrain();
    if (this.#slots.has(connection) && slot.carrying.size === 0) this.#drop(slot);
  }

  async open(reason: Reason): Promise<void> {
    const { open, clock, facts, signal, onChange } = this.#options;
    this.#opening++;
    if (this.#sockets >= this.#cap) this.#idleTrial.end();
    // One that was closed to make room is gone a moment later.
    if (this.#sockets >= this.#cap) await new Promise<void>((resolve) => this.#waitForRoom.push(resolve));
    this.#sockets++;
    try {
      const connection = await open({
        signal,
        onClose: (lost) => this.#onClose(lost),
        onChange: (changed) => this.#onChange(changed),
      });
      this.#opening--;
      const { startedAt, openedAt, reachedIn } = connection;
      facts.opened(openedAt - startedAt, this.#shownBy(connection), reachedIn);
      if (!connection.isAsking) this.#places = connection.capacity;
      this.#mayBeUnused = true;
      this.#slots.set(connection, {
        connection,
        reason,
        carrying: new Set(),
        draining: new Set(),
        resets: 0,
        allowed: Number.POSITIVE_INFINITY,
        idleSince: clock.now(),
      });
      this.#expireLater();
      onChange();
    } catch (error) {
      this.#opening--;
      this.#leaveRoom();
      if (reason === 'ahead') {
        this.#warmLost++;
        if (facts.needs.beside === 0) this.#vain++;
      }
      // Who waits for this one gets the error; one that was opened ahead is missed by nobody yet.
      onChange(reason === 'request' ? (error as SluiceError) : undefined);
    }
  }

  /** Opens one for a request that is about to be made, where that gains something and harms nobody. */
  warmUp(): void {
    const { limits, facts } = this.#options;
    if (this.#opening > 0 || !this.hasRoom) return;
    const isNeeded = this.view(1).available.length === 0;
    if (!isNeeded && !this.#mayTry) return;
    const isWorth = isNeeded ? worthOpening : worthTrying;
    if (isWorth(limits.warmConnections, facts.needs)) void this.open('ahead');
  }

  /** One that is to show whether the server serves two at a time may show it. */
  get #mayTry(): boolean {
    return this.#vain < MAX_VAIN && this.#slots.size + this.#opening > 0;
  }

  /**
   * Opens what the coming requests will need, as far as the cap allows, and closes what no request has used and the
   * server may be waiting on.
   * @param waiting requests that wait for connections on their way
   */
  openAhead(waiting = 0): void {
    const { limits, facts, clock } = this.#options;
    const { warmConnections: setting } = limits;
    const needs = facts.needsOf(this.#likeness);
    const unused = [...this.#slots.values()].filter(isUnused);
    if (waiting === 0) this.#closeUnproven(unused, silentAtMost(setting, needs));
    if (needs.rest === 0 && !needs.costsConnections && this.#isAtEase()) return;
    if (this.#warmLost >= MAX_WARM_LOST) return;
    let busy = 0;
    for (const { carrying } of this.#slots.values()) if (carrying.size > 0) busy++;
    const warm = Math.max(0, this.#opening - waiting) + unused.length;
    const wanted = connectionsAhead(
      {
        now: clock.now(),
        arrivals: facts.arrivals,
        setting,
        singleUse: limits.reuse === 'never',
        idleTimeout: limits.idleTimeout,
        carrying: busy,
        turns: this.#turns,
        mayTry: this.#mayTry,
      },
      needs,
    );
    const missing = Math.max(wanted.warm - warm, wanted.rotating - this.#slots.size - this.#opening);
    const room = this.#cap - this.#slots.size - this.#opening;
    // Beyond that, the rate of the calls tells how many are needed.
    if (wanted.rotating === 0 || this.#slots.size >= this.#turns) this.#turns = 0;
    for (let n = Math.min(missing, room); n > 0; n--) void this.open('ahead');
  }

  /** Draining ones included; requests and what they reused are counted elsewhere. */
  count(): { busy: number; draining: number; idle: number; warm: number } {
    const counted = { busy: 0, draining: 0, idle: this.#idleTrial.isUnderWay ? 1 : 0, warm: 0 };
    for (const { connection, carrying } of this.#slots.values()) {
      if (carrying.size === 0) connection.uses === 0 ? counted.warm++ : counted.idle++;
      else if ([...carrying].every(({ drainingSince }) => drainingSince !== undefined)) counted.draining++;
      else counted.busy++;
    }
    return counted;
  }

  /** One that its connection has not begun to write; undefined where there is none, or others are on their way. */
  get heldUp(): Exchange | undefined {
    const carried = [...this.#slots.values()].flatMap(({ carrying }) => [...carrying]);
    const isOnItsWay = (one: Exchange) => one.isSent && one.drainingSince === undefined;
    return carried.some(isOnItsWay) ? undefined : carried.find(({ isAssigned }) => isAssigned);
  }

  /** At once; what they carry fails with `error`. */
  close(error: SluiceError): void {
    this.#watch.close();
    this.#expiry?.cancel();
    this.#idleTrial.end();
    for (const slot of [...this.#slots.values()]) {
      for (const exchange of [...slot.carrying]) exchange.abort(error);
      if (this.#slots.has(slot.connection)) this.#drop(slot);
    }
  }

  /** Nothing that was learnt, and nothing in the settings, asks for connections ahead. */
  #isAtEase(): boolean {
    const { warmConnections, reuse } = this.#options.limits;
    const { usableFor } = this.#options.facts.needs;
    return warmConnections === 'auto' && reuse !== 'never' && usableFor === Number.POSITIVE_INFINITY;
  }

  #hasUnused(): boolean {
    if (this.#mayBeUnused) this.#mayBeUnused = [...this.#slots.values()].some(isUnused);
    return this.#mayBeUnused;
  }

  /** Of those that nobody has used, more than the server is known to serve others beside: the oldest go first. */
  #closeUnproven(unused: readonly Slot[], most: number): void {
    for (const slot of unused.slice(0, Math.max(0, unused.length - most))) {
      if (slot.reason === 'ahead') this.#vain++;
      this.#drop(slot);
    }
  }

  /** Connections that are in the way of this request's one, if the server is bound to them. */
  #othersThan({ connection }: Exchange): Other[] {
    return [...this.#slots.values()]
      .filter((slot) => slot.connection !== connection && slot.connection.httpVersion === '1.1')
      .map(({ connection, carrying: [carried], idleSince }) => ({
        connection,
        quietSince: carried === undefined ? idleSince : carried.drainingSince,
      }));
  }

  /** Those that were there before it. */
  #olderThan(one: Connection): number {
    let older = 0;
    for (const { connection } of this.#slots.values())
      if (connection !== one && connection.openedAt <= one.startedAt && connection.usable) older++;
    return older;
  }

  /** Connections that were open when its handshake was done, and so did not keep the server from it. */
  #shownBy({ httpVersion, ofDispatcher }: Connection): number {
    if (ofDispatcher) return 0;
    // A server that speaks HTTP/2 waits on no connection.
    if (httpVersion === '2') return Number.POSITIVE_INFINITY;
    return [...this.#slots.values()].filter(({ connection }) => connection.usable).length;
  }

  /** Its time is over. One at a time shows whether the server would have closed it, where that was learnt. */
  #retire(slot: Slot): void {
    const { facts, limits } = this.#options;
    const { connection, idleSince } = slot;
    const until = facts.idleTrial ?? Number.POSITIVE_INFINITY;
    if (connection.uses === 0 || until > limits.idleTimeout || this.#idleTrial.isUnderWay)
      return this.#drop(slot);
    this.#slots.delete(connection);
    this.#idleTrial.begin(connection, idleSince, until);
  }

  #drop({ connection }: Slot): void {
    this.#slots.delete(connection);
    connection.close();
  }

  /**
   * Sockets that there may be. A connection that takes no more requests may carry a long one still: so that the others
   * need not wait for it, there may be one more than the settings say while there is such a one. One is enough: a
   * server that gives up connections so speaks HTTP/2, and over one connection goes what would go over many.
   */
  get #cap(): number {
    const { maxConnections } = this.#options.limits;
    for (const slot of this.#slots.values())
      if (slot.connection.httpVersion === '2' && isSpent(slot) && slot.carrying.size > 0)
        return maxConnections + 1;
    return maxConnections;
  }

  #leaveRoom(): void {
    this.#sockets--;
    this.#letIn();
  }

  #letIn(): void {
    if (this.#waitForRoom.length === 0) return;
    const cap = this.#cap;
    if (this.#sockets < cap) return this.#waitForRoom.shift()?.();
    if (this.#slots.size + this.#opening <= cap) return;
    // It was to be the one more, beside a spent one that is gone by now: no socket is being closed for it.
    for (const slot of this.#slots.values()) if (slot.carrying.size === 0) return this.#drop(slot);
  }

  /** Over HTTP/2: the server allows other numbers of streams, answers a PING, or takes no more requests. */
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
    this.#leaveRoom();
    const slot = this.#slots.get(connection);
    const triedSince = this.#idleTrial.lost(connection);
    // What was taken out before, we closed ourselves.
    if (slot !== undefined || triedSince !== undefined) this.#closedByServer(connection, slot, triedSince);
  }

  /** @param triedSince since when it was left idle for a trial, if it was */
  #closedByServer(connection: Connection, slot: Slot | undefined, triedSince?: number): void {
    this.#slots.delete(connection);
    const { facts, clock, onChange, onNews } = this.#options;
    const idleSince = triedSince ?? (slot?.carrying.size === 0 ? slot.idleSince : undefined);
    if (idleSince !== undefined) {
      if (connection.uses === 0) this.#warmLost++;
      else {
        const now = clock.now();
        if (facts.closedIdle(now - idleSince, now, connection.openedAt)) onNews();
      }
    }
    onChange();
  }

  /** One timer for all idle connections: it looks again when the first of them may have to go. */
  #expireLater(slots: Iterable<Slot> = this.#slots.values()): void {
    const { clock, signal } = this.#options;
    if (signal.aborted) return;
    let at = Number.POSITIVE_INFINITY;
    for (const slot of slots) at = Math.min(at, this.#expiresAt(slot));
    if (at >= (this.#expiry?.at ?? Number.POSITIVE_INFINITY)) return;
    this.#expiry?.cancel();
    const cancel = clock.schedule(Math.max(1, at - clock.now()), () => {
      this.#expiry = undefined;
      this.expire();
      this.#expireLater();
    });
    this.#expiry = { at, cancel };
  }

  /** Milliseconds on the clock; never while it carries something. */
  #expiresAt({ connection, carrying, idleSince, reason }: Slot): number {
    if (carrying.size > 0) return Number.POSITIVE_INFINITY;
    const { limits, facts } = this.#options;
    const { idleTimeout } = limits;
    const { arrivals, needs } = facts;
    if (connection.uses > 0) return idleSince + Math.min(idleTimeout, needs.usableFor);
    const kept = linger({ idleTimeout, setting: limits.warmConnections });
    // However short the idle time, the request that it was opened for takes it first.
    if (reason === 'request') return idleSince + Math.max(kept, TAKEN_WITHIN);
    return Math.min(Math.max(idleSince, arrivals.last ?? idleSince) + kept, idleSince + needs.freshFor);
  }
}

/** It takes no more requests: the server has said so, or streams enough were reset on it. */
function isSpent({ connection, resets, allowed }: Slot): boolean {
  return !connection.usable || resets >= MAX_RESETS || connection.uses >= allowed;
}

/** Whoever asked has the answer. */
function isQuiet(carrying: ReadonlySet<Exchange>): boolean {
  for (const { drainingSince } of carrying) if (drainingSince === undefined) return false;
  return true;
}

/** No request was given to it. */
function isUnused({ connection }: Slot): boolean {
  return connection.uses === 0;
}
