import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../src/core/errors.ts';

const bare = new SluiceError('not-found', 'There is none', { delivery: 'answered' });
const full = new SluiceError('not-found', 'There is none', {
  delivery: 'answered',
  server: 's',
  phase: 'headers',
  hint: 'Look again',
  status: 404,
  retryAfterMs: 1_000,
  location: 'http://h/',
  rpc: { code: 1, message: 'm' },
  cause: new Error('c'),
});

describe('an error', () => {
  it('cannot be made without saying whether anything was sent', () => {
    // @ts-expect-error `delivery` has no default: the unsafe one would be taken for the truth
    const without = () => new SluiceError('not-found', 'There is none');
    // @ts-expect-error
    const empty = () => new SluiceError('not-found', 'There is none', {});
    expect([without, empty]).toHaveLength(2);
  });

  it('is told from further up with what it does not tell itself', () => {
    const told = bare.filledWith({ server: 'other', hint: 'Elsewhere', status: 500 });
    expect(told).toMatchObject({ server: 'other', hint: 'Elsewhere', status: 500, delivery: 'answered' });
    expect(full.filledWith({ server: 'other', hint: 'Elsewhere', status: 500 })).toEqual(full);
  });

  it('is itself where nothing is to be told otherwise', () => {
    expect(full.but({ delivery: 'answered', status: 404 })).toBe(full);
  });

  it('is told otherwise where who tells it knows better', () => {
    const told = full.but({ delivery: 'unknown', hint: 'Set "protocol" to "auto"' });
    expect(told).toMatchObject({
      delivery: 'unknown',
      hint: 'Set "protocol" to "auto"',
      status: 404,
      server: 's',
    });
    expect(told.cause).toBe(full.cause);
    expect(full).toMatchObject({ delivery: 'answered', hint: 'Look again' });
  });
});
