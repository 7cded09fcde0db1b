import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../src/core/http/connection.ts';
import { answeredOf, nothingSeen, type Observation } from '../../../src/core/http/observation.ts';

const drain = { outcome: 'reused', ms: 0, bytes: 0 } as const;
const marks = { asked: 1, connectMs: 0, assigned: 5, sent: 6, headers: 10 };
const seen = (overrides: Partial<Observation> = {}): Observation => ({
  ...nothingSeen('ping', marks),
  connection: { isShared: false } as Connection,
  drain,
  use: 2,
  rest: 30,
  silence: 3,
  ...overrides,
});

describe('what an exchange shows of the server', () => {
  it('is how late what came, after which rest, and what became of its end', () => {
    expect(answeredOf(seen())).toEqual({
      rest: 30,
      lateness: 3,
      began: 4,
      likeness: 'ping',
      drain,
      first: false,
      multiplexed: false,
    });
    expect(answeredOf(seen({ use: 1 }))).toMatchObject({ first: true });
  });

  it('is compared on a shared connection with those that were alone on it', () => {
    const connection = { isShared: true } as Connection;
    expect(answeredOf(seen({ connection }))).toMatchObject({ multiplexed: 'alone' });
    expect(answeredOf(seen({ connection, isAlone: false }))).toMatchObject({ multiplexed: 'shared' });
  });

  it.each([
    ['that was not answered', { drain: undefined }],
    ['whose answer nobody wanted any more', { isCalledOff: true }],
    ['that had no connection', { connection: undefined }],
  ])('is nothing of one %s', (_, overrides) => {
    expect(answeredOf(seen(overrides))).toBeUndefined();
  });
});
