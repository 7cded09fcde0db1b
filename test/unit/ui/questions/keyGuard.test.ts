import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type GuardEvent,
  type GuardState,
  guardAfter,
  KeyGuard,
  REST_MS,
} from '../../../../src/ui/questions/keyGuard.ts';
import { HandClock } from './handClock.ts';

/** Milliseconds after it appeared, what happened, and whether a key counts from then on. */
type Step = readonly [at: number, event: GuardEvent, counts: boolean];

function stateAfter(steps: readonly (readonly [number, GuardEvent, ...unknown[]])[]): GuardState {
  return steps.reduce<GuardState>((state, [at, event]) => guardAfter(state, event, at), { kind: 'open' });
}

describe('a key', () => {
  it.each<[string, readonly Step[]]>([
    [
      'counts half a second after the box has appeared',
      [
        [0, 'appeared', false],
        [500, 'rested', true],
      ],
    ],
    [
      'does not count a millisecond before',
      [
        [0, 'appeared', false],
        [499, 'rested', false],
      ],
    ],
    [
      'counts half a second after the last key of a burst, however long that was',
      [
        [0, 'appeared', false],
        [400, 'key', false],
        [800, 'key', false],
        [1_200, 'letter', false],
        [1_600, 'key', false],
        [2_099, 'rested', false],
        [2_100, 'rested', true],
      ],
    ],
    [
      'counts, and so does the next one: it was meant for the box',
      [
        [0, 'appeared', false],
        [500, 'rested', true],
        [600, 'key', true],
        [601, 'key', true],
      ],
    ],
    [
      'does not count after a letter, which the box has no use for',
      [
        [0, 'appeared', false],
        [500, 'rested', true],
        [600, 'letter', false],
        [601, 'key', false],
        [1_101, 'rested', true],
      ],
    ],
    [
      'does not count in a box that appears again',
      [
        [0, 'appeared', false],
        [500, 'rested', true],
        [900, 'appeared', false],
        [1_400, 'rested', true],
      ],
    ],
  ])('%s', (_, steps) => {
    steps.forEach(([, , counts], n) => {
      expect(stateAfter(steps.slice(0, n + 1)).kind).toBe(counts ? 'open' : 'shut');
    });
  });

  it('never counts within half a second of what was typed before it counted', () => {
    const event = fc.constantFrom<GuardEvent>('appeared', 'key', 'letter', 'rested');
    const times = fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), event), { maxLength: 60 });
    fc.assert(
      fc.property(times, (gaps) => {
        let state = guardAfter({ kind: 'open' }, 'appeared', 0);
        let now = 0;
        let last = 0;
        for (const [gap, event] of gaps) {
          now += gap;
          const wasOpen = state.kind === 'open';
          state = guardAfter(state, event, now);
          if (event === 'appeared' || event === 'letter' || (event === 'key' && !wasOpen)) last = now;
          if (state.kind === 'open') expect(now - last).toBeGreaterThanOrEqual(REST_MS);
        }
      }),
    );
  });
});

describe('the guard of a box', () => {
  it('opens once, by the clock, and shuts again where a letter is typed', () => {
    const clock = new HandClock();
    const told: boolean[] = [];
    const guard = new KeyGuard(clock, (isOpen) => told.push(isOpen));
    clock.pass(499);
    expect(guard.key()).toBe(false);
    clock.pass(499);
    expect(told).toEqual([]);
    clock.pass(1);
    expect(told).toEqual([true]);
    expect(guard.key()).toBe(true);
    guard.letter();
    expect(guard.key()).toBe(false);
    clock.pass(500);
    expect(told).toEqual([true, false, true]);
    guard.dispose();
    expect(clock.timers).toBe(0);
  });

  it('opens also where the timer comes early by a part of a millisecond', () => {
    const clock = new HandClock();
    const told: boolean[] = [];
    new KeyGuard(clock, (isOpen) => told.push(isOpen));
    clock.pass(510, 0.4);
    expect(told).toEqual([true]);
  });
});
