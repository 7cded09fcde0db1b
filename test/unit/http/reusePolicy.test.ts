import { describe, expect, it } from 'vitest';
import { chooseConnection, DRAIN_GRACE, type PoolView } from '../../../src/core/http/reusePolicy.ts';

const empty: PoolView<string> = {
  idle: [],
  draining: [],
  now: 1000,
  open: 0,
  opening: 0,
  waiting: 1,
  maxConnections: 2,
};

describe('which connection carries the next request', () => {
  it('opens one where there is none', () => {
    expect(chooseConnection(empty)).toEqual({ kind: 'open' });
  });

  it('takes the most recently used idle one, so that the others may end of idleness', () => {
    const idle = [
      { connection: 'older', idleSince: 10, uses: 3 },
      { connection: 'newer', idleSince: 20, uses: 1 },
    ];
    expect(chooseConnection({ ...empty, open: 2, idle })).toEqual({ kind: 'use', connection: 'newer' });
  });

  it('takes a used one before a warm one, and a warm one before opening another', () => {
    const warm = { connection: 'warm', idleSince: 30, uses: 0 };
    const used = { connection: 'used', idleSince: 10, uses: 1 };
    expect(chooseConnection({ ...empty, open: 2, idle: [warm, used] })).toMatchObject({ connection: 'used' });
    expect(chooseConnection({ ...empty, open: 1, idle: [warm] })).toMatchObject({ connection: 'warm' });
  });

  it('does not wait for a drain below the cap', () => {
    const draining = [{ connection: 'slow', drainingSince: 0 }];
    expect(chooseConnection({ ...empty, open: 1, draining })).toEqual({ kind: 'open' });
  });

  it('closes the longest drain in favour of the request at the cap', () => {
    const draining = [
      { connection: 'younger', drainingSince: 900 },
      { connection: 'longest', drainingSince: 100 },
    ];
    expect(chooseConnection({ ...empty, open: 2, draining })).toEqual({
      kind: 'replace',
      connection: 'longest',
    });
  });

  it('gives a drain that has just begun a moment before it is closed', () => {
    const draining = [{ connection: 'fresh', drainingSince: 1000 - DRAIN_GRACE / 2 }];
    expect(chooseConnection({ ...empty, open: 2, draining })).toEqual({ kind: 'wait' });
  });

  it('waits for a connection that is being opened for it already', () => {
    expect(chooseConnection({ ...empty, opening: 1 })).toEqual({ kind: 'wait' });
    expect(chooseConnection({ ...empty, opening: 1, waiting: 2 })).toEqual({ kind: 'open' });
  });

  it('waits at the cap where every connection carries a call', () => {
    expect(chooseConnection({ ...empty, open: 2 })).toEqual({ kind: 'wait' });
    expect(chooseConnection({ ...empty, open: 1, opening: 1, waiting: 2 })).toEqual({ kind: 'wait' });
  });
});
