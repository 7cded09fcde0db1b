import type { PoolConfig } from '../config/serverConfig.ts';
import type { Clock } from '../metrics/clock.ts';
import type { CallSlots } from './callSlots.ts';
import type { OriginFacts } from './learning/originFacts.ts';
import type { SocketCap } from './socketCap.ts';
import { connectionsAhead, silentAtMost, worthOpening, worthTrying } from './warmPolicy.ts';

export interface OpeningAheadOptions {
  readonly clock: Clock;
  readonly limits: PoolConfig;
  readonly facts: Pick<OriginFacts, 'arrivals' | 'needs' | 'needsOf'>;
  readonly slots: Pick<CallSlots, 'size' | 'unused' | 'carrying'>;
  readonly cap: Pick<SocketCap, 'most' | 'opening' | 'hasRoom'>;
}

/** Two among so many requests that found no connection rested are no chance: then more of them take turns, by half. */
const TIRED = { requests: 16, more: 1.5 };

/** Connections opened to show whether the server serves two at a time, and closed since that did not show. */
const MAX_VAIN = 3;

/** Warm connections that the server may close unused before no more are opened for it, until the next request. */
const MAX_WARM_LOST = 2;

/**
 * How many connections to open ahead of the requests: `warmPolicy`, by what became of those before. It decides, and
 * opens and closes nothing itself.
 */
export class OpeningAhead {
  readonly #options: OpeningAheadOptions;
  /** Requests that were placed; and at which of them the last one found no connection rested. */
  #placed = 0;
  #tiredAt = Number.NEGATIVE_INFINITY;
  /** Connections that are to take turns, until there are as many. */
  #turns = 0;
  #warmLost = 0;
  #vain = 0;
  /** What was asked last: the next ones are likely to be alike. */
  #likeness = '';

  constructor(options: OpeningAheadOptions) {
    this.#options = options;
  }

  /** A request was given a connection. */
  placed(likeness: string): void {
    this.#placed++;
    this.#likeness = likeness;
    this.#warmLost = 0;
  }

  /** The request that is placed next found none that has rested. */
  tire(): void {
    if (this.#tiredAt === this.#placed) return;
    const { slots, cap } = this.#options;
    const again = this.#placed - this.#tiredAt < TIRED.requests;
    this.#tiredAt = this.#placed;
    // Those that were opened for the last ones have to show first whether they are enough.
    if (!again || slots.size < this.#turns || slots.unused > 0) return;
    this.#turns = Math.min(cap.most, Math.ceil(slots.size * TIRED.more));
    this.#tiredAt = Number.NEGATIVE_INFINITY;
  }

  /** The server closed one that had carried nothing. */
  lost(): void {
    this.#warmLost++;
  }

  /** One could not be opened. */
  failed(): void {
    this.#warmLost++;
    if (this.#options.facts.needs.beside === 0) this.#vain++;
  }

  /** One is closed since it has shown nothing: no request took it, and the server may be waiting on it. */
  unproven(): void {
    this.#vain++;
  }

  /** Whether to open one for a request that is about to be made: that gains something and harms nobody. @param isNeeded none is ready */
  worthOne(isNeeded: boolean): boolean {
    const { limits, facts, cap } = this.#options;
    if (cap.opening > 0 || !cap.hasRoom) return false;
    if (isNeeded) return worthOpening(limits.warmConnections, facts.needs);
    return this.#mayTry && worthTrying(limits.warmConnections, facts.needs);
  }

  /** How many silent connections there may be that no request has used. */
  silentAtMost(): number {
    const { limits, facts } = this.#options;
    return silentAtMost(limits.warmConnections, facts.needsOf(this.#likeness));
  }

  /**
   * How many to open for the coming requests, as far as the cap allows.
   * @param waiting requests that wait for connections on their way
   * @param unused connections that no request had used, before those were closed that are too many
   */
  missing(waiting: number, unused: number): number {
    const { limits, facts, clock, slots, cap } = this.#options;
    const needs = facts.needsOf(this.#likeness);
    if (needs.rest === 0 && !needs.costsConnections && this.#isAtEase) return 0;
    if (this.#warmLost >= MAX_WARM_LOST) return 0;
    const warm = Math.max(0, cap.opening - waiting) + unused;
    const wanted = connectionsAhead(
      {
        now: clock.now(),
        arrivals: facts.arrivals,
        setting: limits.warmConnections,
        singleUse: limits.reuse === 'never',
        idleTimeout: limits.idleTimeout,
        carrying: slots.carrying,
        turns: this.#turns,
        mayTry: this.#mayTry,
      },
      needs,
    );
    const open = slots.size + cap.opening;
    // Beyond that, the rate of the calls tells how many are needed.
    if (wanted.rotating === 0 || slots.size >= this.#turns) this.#turns = 0;
    return Math.min(Math.max(wanted.warm - warm, wanted.rotating - open), cap.most - open);
  }

  /** One that is to show whether the server serves two at a time may show it. */
  get #mayTry(): boolean {
    const { slots, cap } = this.#options;
    return this.#vain < MAX_VAIN && slots.size + cap.opening > 0;
  }

  /** Nothing that was learnt, and nothing in the settings, asks for connections ahead. */
  get #isAtEase(): boolean {
    const { limits, facts } = this.#options;
    const { warmConnections, reuse } = limits;
    return (
      warmConnections === 'auto' && reuse !== 'never' && facts.needs.usableFor === Number.POSITIVE_INFINITY
    );
  }
}
