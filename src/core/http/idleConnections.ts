import type { PoolConfig } from '../config/serverConfig.ts';
import type { Clock } from '../metrics/clock.ts';
import type { CallSlot } from './callSlot.ts';
import type { Connection } from './connection.ts';
import { IdleTrial } from './idleTrial.ts';
import type { OriginFacts, OriginNeeds } from './learning/originFacts.ts';
import { linger } from './warmPolicy.ts';

export interface IdleOptions {
  readonly clock: Clock;
  readonly limits: Pick<PoolConfig, 'idleTimeout' | 'warmConnections'>;
  readonly facts: Pick<OriginFacts, 'arrivals' | 'needs' | 'idleTrial'>;
  readonly signal: AbortSignal;
  /** The time of one may be over: it is time to look. */
  readonly onDue: () => void;
  /** The one on trial was still open after so many milliseconds of idleness. */
  readonly onSurvived: (idleMs: number) => void;
}

/** Milliseconds in which a connection is taken by the request that it was opened for. */
export const TAKEN_WITHIN = 1_000;

/** For how long connections are kept that carry nothing: one timer for all, and the trial of one whose time is over. */
export class IdleConnections {
  readonly #options: IdleOptions;
  readonly #trial: IdleTrial;
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  /** What `expectAll` went by last: as long as it holds, each one's time is known to the timer. */
  #reckoned: Pick<OriginNeeds, 'usableFor' | 'freshFor'> | undefined;

  constructor(options: IdleOptions) {
    this.#options = options;
    this.#trial = new IdleTrial(options.clock, options.onSurvived);
  }

  /** One is left open although its time is over. */
  get isTrying(): boolean {
    return this.#trial.isUnderWay;
  }

  /** Milliseconds on the clock; never while it carries something. */
  expiresAt({ connection, carrying, idleSince, reason }: CallSlot): number {
    if (carrying.size > 0) return Number.POSITIVE_INFINITY;
    const { limits, facts } = this.#options;
    const { idleTimeout } = limits;
    const { arrivals, needs } = facts;
    if (connection.uses > 0) return idleSince + Math.min(idleTimeout, needs.usableFor);
    const kept = linger({ idleTimeout, setting: limits.warmConnections });
    // However short the idle time, the request that it was opened for takes it first.
    if (reason === 'request') return idleSince + Math.max(kept, TAKEN_WITHIN);
    if (reason === 'expected') return idleSince + TAKEN_WITHIN;
    return Math.min(Math.max(idleSince, arrivals.last ?? idleSince) + kept, idleSince + needs.freshFor);
  }

  /** The time of one of them may be over. */
  isDue(now: number): boolean {
    return !this.#isReckoned || (this.#timer?.at ?? Number.POSITIVE_INFINITY) <= now;
  }

  /** Looks again when the first of them may have to go. */
  expectAll(slots: Iterable<CallSlot>): void {
    const { usableFor, freshFor } = this.#options.facts.needs;
    this.#reckoned = { usableFor, freshFor };
    let at = Number.POSITIVE_INFINITY;
    for (const slot of slots) at = Math.min(at, this.expiresAt(slot));
    this.#lookAt(at);
  }

  /** Looks again when this one may have to go, and the others where something was learnt of how long they are of use. */
  expect(slot: CallSlot, slots: Iterable<CallSlot>): void {
    if (this.#isReckoned) this.#lookAt(this.expiresAt(slot));
    else this.expectAll(slots);
  }

  get #isReckoned(): boolean {
    const { usableFor, freshFor } = this.#options.facts.needs;
    return this.#reckoned?.usableFor === usableFor && this.#reckoned.freshFor === freshFor;
  }

  /**
   * The time of one is over. One at a time shows whether the server would have closed it, where that was learnt.
   * @returns whether it is left open for that; then it carries nothing any more
   */
  tries({ connection, idleSince }: CallSlot): boolean {
    const { facts, limits } = this.#options;
    const until = facts.idleTrial ?? Number.POSITIVE_INFINITY;
    if (connection.uses === 0 || until > limits.idleTimeout || this.#trial.isUnderWay) return false;
    this.#trial.begin(connection, idleSince, until);
    return true;
  }

  /** @returns since when it was idle, if it is the one on trial: the server has closed it */
  lost(connection: Connection): number | undefined {
    return this.#trial.lost(connection);
  }

  /** Closes the one on trial, with no outcome: its socket is wanted. */
  endTrial(): void {
    this.#trial.end();
  }

  close(): void {
    this.#timer?.cancel();
    this.#trial.end();
  }

  #lookAt(at: number): void {
    const { clock, signal, onDue } = this.#options;
    if (signal.aborted) return;
    if (at >= (this.#timer?.at ?? Number.POSITIVE_INFINITY)) return;
    this.#timer?.cancel();
    const cancel = clock.schedule(Math.max(1, at - clock.now()), () => {
      this.#timer = undefined;
      onDue();
    });
    this.#timer = { at, cancel };
  }
}
