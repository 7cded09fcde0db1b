import type { Clock } from '../../core/metrics/clock.ts';

/** Milliseconds without a key, after which the next one is meant for what is on the screen. */
export const REST_MS = 500;

/** Shut: no key counts. It opens when keys have rested. */
export type GuardState = { readonly kind: 'shut'; readonly until: number } | { readonly kind: 'open' };

/**
 * What happened to what is on the screen: it appeared; a key that would answer it or move in it; a letter, which it has no use for
 * and which is therefore meant for something else; or the time until which it is shut is over.
 */
export type GuardEvent = 'appeared' | 'key' | 'letter' | 'rested';

/**
 *     appeared --> shut --no key for half a second--> open
 *                  ^  | key, letter: half a second more |
 *                  +--+------------- letter ------------+
 */
export function guardAfter(state: GuardState, event: GuardEvent, now: number): GuardState {
  const shut: GuardState = { kind: 'shut', until: now + REST_MS };
  switch (event) {
    case 'appeared':
    case 'letter':
      return shut;
    case 'key':
      return state.kind === 'open' ? state : shut;
    case 'rested':
      return state.kind === 'shut' && now < state.until ? state : { kind: 'open' };
  }
}

/** Decides which keys are meant for what has just appeared, and which were typed for something else. */
export class KeyGuard {
  readonly #clock: Clock;
  readonly #onChange: (isOpen: boolean) => void;
  #state: GuardState;
  #cancel: () => void = () => undefined;

  /** @param onChange keys count from now on, or no longer */
  constructor(clock: Clock, onChange: (isOpen: boolean) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
    this.#state = guardAfter({ kind: 'open' }, 'appeared', clock.now());
    this.#schedule();
  }

  /** A key that would answer, or move the mark. @returns whether it counts */
  key(): boolean {
    const counts = this.#state.kind === 'open';
    this.#after('key');
    return counts;
  }

  /** A letter was typed where nothing is to be written. */
  letter(): void {
    this.#after('letter');
  }

  dispose(): void {
    this.#cancel();
  }

  #after(event: GuardEvent): void {
    const before = this.#state;
    this.#state = guardAfter(before, event, this.#clock.now());
    // A timer may be early by a part of a millisecond.
    if (this.#state === before && event !== 'rested') return;
    this.#schedule();
    if (this.#state.kind !== before.kind) this.#onChange(this.#state.kind === 'open');
  }

  #schedule(): void {
    this.#cancel();
    const state = this.#state;
    if (state.kind === 'shut')
      this.#cancel = this.#clock.schedule(Math.max(1, state.until - this.#clock.now()), () =>
        this.#after('rested'),
      );
  }
}
