import { describe, expect, it } from 'vitest';
import { StreamEnds, USUAL_TAIL } from '../../../../src/core/http/learning/streamEnds.ts';
import type { DrainOutcome } from '../../../../src/core/metrics/requestTiming.ts';

function ended(...ends: (readonly [DrainOutcome, number])[]): StreamEnds {
  const evidence = new StreamEnds();
  for (const [outcome, ms] of ends) evidence.observe({ outcome, ms, bytes: 0 });
  return evidence;
}

const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

describe('how an origin ends its streams', () => {
  it('is held open, once that is a habit, with how long it was seen to be', () => {
    expect(ended(...times(2, ['held-open', 250] as const)).verdict.kind).toBe('reusable');
    expect(ended(...times(3, ['held-open', 250] as const), ['budget-time', 260]).verdict).toEqual({
      kind: 'held-open',
      held: 4,
      all: 4,
      ms: 260,
    });
  });

  it('is with the end of the connection, where the server closes it each time', () => {
    expect(ended(...times(3, ['closed-by-server', 0] as const)).verdict).toEqual({
      kind: 'closed',
      closed: 3,
      all: 3,
    });
  });

  it('costs connections also where we cut it short ourselves, but that is no word against the server', () => {
    const evidence = ended(...times(4, ['reset', 5] as const));
    expect(evidence.costsConnections).toBe(true);
    expect(evidence.verdict.kind).toBe('reusable');
  });

  it('is told anew as soon as it changes', () => {
    const ends = [...times(8, ['held-open', 250] as const), ...times(2, ['reused', 0] as const)];
    expect(ended(...ends).verdict.kind).toBe('reusable');
    expect(ended(...ends).costsConnections).toBe(false);
  });

  it('tells how long an end may take, from those that came', () => {
    expect(ended(['reused', 0]).tail).toBe(USUAL_TAIL);
    expect(ended(['drained', 44], ['held-open', 250]).tail).toBe(44);
  });
});
