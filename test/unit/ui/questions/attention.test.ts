import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Attention,
  asked,
  called,
  ended,
  FRESH,
  IGNORE_AFTER,
  MOST_QUESTIONS,
  OFFER_AFTER,
  offersToIgnore,
  type QuestionEnd,
} from '../../../../src/ui/questions/attention.ts';

/** Asks once, at `at`, and ends so; undefined where it was not shown. */
function question(before: Attention, at: number, how: QuestionEnd): Attention | undefined {
  const [attention, verdict] = asked(before, at);
  return verdict.kind === 'show' ? ended(attention, how, at) : undefined;
}

describe('a server', () => {
  it('may ask six times a minute, and is told of as too much once', () => {
    let attention = FRESH;
    const verdicts = Array.from({ length: 10 }, (_, n) => {
      const [after, verdict] = asked(attention, n);
      attention = after;
      return verdict;
    });
    expect(verdicts.slice(0, MOST_QUESTIONS).every(({ kind }) => kind === 'show')).toBe(true);
    expect(verdicts.slice(MOST_QUESTIONS)).toEqual([
      { kind: 'too-many', isNews: true },
      { kind: 'too-many', isNews: false },
      { kind: 'too-many', isNews: false },
      { kind: 'too-many', isNews: false },
    ]);
    expect(asked(attention, 60_000)[1]).toEqual({ kind: 'show' });
  });

  it('may ask as often as the user accepts', () => {
    let attention: Attention | undefined = FRESH;
    for (let n = 0; n < 100; n++) attention = attention && question(attention, n, 'accepted');
    expect(attention).toBeDefined();
  });

  it('is offered to be ignored after two questions that the user would not answer, and no more after one that they did', () => {
    let attention = FRESH;
    for (const [n, how] of (['left', 'declined'] as const).entries()) {
      expect(offersToIgnore(attention)).toBe(false);
      attention = question(attention, n, how) ?? FRESH;
    }
    expect(OFFER_AFTER).toBe(2);
    expect(offersToIgnore(attention)).toBe(true);
    expect(offersToIgnore(question(attention, 3, 'accepted') ?? attention)).toBe(false);
  });

  it('is ignored after four that the user left in a row, until the next call', () => {
    let attention = FRESH;
    for (let n = 0; n < IGNORE_AFTER; n++) {
      expect(asked(attention, n)[1].kind).toBe('show');
      attention = question(attention, n, 'left') ?? attention;
    }
    expect(asked(attention, 10)[1].kind).toBe('ignored');
    expect(asked(attention, 10_000_000)[1].kind).toBe('ignored');
    expect(asked(called(attention), 10)[1].kind).toBe('show');
  });

  it('is not ignored by itself where the user declines each question', () => {
    let attention = FRESH;
    for (let n = 0; n < MOST_QUESTIONS; n++) attention = question(attention, n, 'declined') ?? attention;
    expect(attention.isIgnored).toBe(false);
  });

  it('never has more than six questions in a minute before a user who accepts none, whatever it does', () => {
    const how = fc.constantFrom<QuestionEnd>('declined', 'left', 'ignored');
    const gaps = fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), how, fc.boolean()), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(gaps, (steps) => {
        let attention = FRESH;
        let now = 0;
        const shown: number[] = [];
        for (const [gap, end, isCalled] of steps) {
          now += gap;
          if (isCalled) attention = called(attention);
          const [after, verdict] = asked(attention, now);
          attention = after;
          if (verdict.kind !== 'show') continue;
          shown.push(now);
          attention = ended(attention, end, now);
          expect(shown.filter((at) => at > now - 60_000).length).toBeLessThanOrEqual(MOST_QUESTIONS);
        }
      }),
    );
  });
});
