import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OriginNeeds } from '../../../src/core/http/learning/originFacts.ts';
import { type Available, chooseConnection, type PoolView } from '../../../src/core/http/reusePolicy.ts';

const NOW = 10_000;
const NEVER = Number.NEGATIVE_INFINITY;

/** A prompt server on this machine. */
const prompt: OriginNeeds = {
  suspected: false,
  rest: 0,
  stall: 0,
  heldUp: 0,
  saturated: false,
  trial: false,
  freshNeedsRest: false,
  handshake: 0.3,
  tail: 3,
  heldOpen: false,
  usableFor: Number.POSITIVE_INFINITY,
  costsConnections: false,
  freshFor: Number.POSITIVE_INFINITY,
  beside: 0,
  places: Number.POSITIVE_INFINITY,
};
const stalling: OriginNeeds = { ...prompt, rest: 48, stall: 42 };
const stallingTls: OriginNeeds = { ...stalling, handshake: 4, freshNeedsRest: true };

const empty: PoolView<string> = {
  available: [],
  draining: [],
  now: NOW,
  open: 0,
  opening: 0,
  coming: 0,
  waiting: 1,
  maxConnections: 2,
};

/** @param rested milliseconds since its last byte */
function idle(connection: string, rested: number, uses = 1): Available<string> {
  return { connection, restingSince: NOW - rested, idleSince: NOW - rested, uses, carrying: 0 };
}

function view(available: readonly Available<string>[], more: Partial<PoolView<string>> = {}) {
  return { ...empty, available, open: available.length, ...more };
}

describe('on an origin that needs no rest', () => {
  it('opens a connection where there is none', () => {
    expect(chooseConnection(empty, prompt)).toEqual({ kind: 'open' });
  });

  it('uses the most recently used one, so that the others may end of idleness', () => {
    const choice = chooseConnection(view([idle('older', 90), idle('newer', 5)]), prompt);
    expect(choice).toEqual({ kind: 'use', connection: 'newer' });
  });

  it('uses one that has served before a warm one, and a warm one before opening another', () => {
    const warm: Available<string> = { ...idle('warm', 1, 0), restingSince: NEVER };
    expect(chooseConnection(view([warm, idle('used', 90)]), prompt)).toMatchObject({ connection: 'used' });
    expect(chooseConnection(view([warm]), prompt)).toMatchObject({ connection: 'warm' });
  });

  it('uses the oldest of those that were never used: a server with one worker waits on that one', () => {
    const warm = [idle('younger', 10, 0), idle('oldest', 900, 0), idle('youngest', 1, 0)];
    expect(chooseConnection(view(warm), prompt)).toMatchObject({ connection: 'oldest' });
  });

  it('shares streams among HTTP/2 connections by what they carry', () => {
    const busy = { ...idle('busy', 0), carrying: 7 };
    const calm = { ...idle('calm', 90), carrying: 1 };
    expect(chooseConnection(view([busy, calm]), prompt)).toMatchObject({ connection: 'calm' });
  });

  it('does not wait for a drain where opening one is quicker', () => {
    const draining = [{ connection: 'slow', drainingSince: NOW - 100 }];
    expect(chooseConnection({ ...empty, open: 1, draining }, prompt)).toEqual({ kind: 'open' });
  });

  it('waits the moment that a drain usually takes where a handshake would cost more', () => {
    const draining = [{ connection: 'ending', drainingSince: NOW - 1 }];
    const choice = chooseConnection({ ...empty, open: 1, draining }, { ...prompt, handshake: 100 });
    expect(choice).toEqual({ kind: 'wait', until: NOW + 2 });
  });

  it('closes the longest drain in favour of the request at the cap', () => {
    const draining = [
      { connection: 'younger', drainingSince: NOW - 50 },
      { connection: 'longest', drainingSince: NOW - 80 },
    ];
    const choice = chooseConnection({ ...empty, open: 2, draining }, prompt);
    expect(choice).toEqual({ kind: 'replace', connection: 'longest' });
  });

  it('gives no drain a moment where the server is known to hold streams open', () => {
    const draining = [{ connection: 'held', drainingSince: NOW }];
    const needs = { ...prompt, handshake: 100, heldOpen: true };
    expect(chooseConnection({ ...empty, open: 2, draining }, needs)).toEqual({
      kind: 'replace',
      connection: 'held',
    });
  });

  it('waits for a connection that is being opened for it already', () => {
    expect(chooseConnection({ ...empty, opening: 1, coming: 1 }, prompt)).toEqual({ kind: 'wait' });
    expect(chooseConnection({ ...empty, opening: 1, coming: 1, waiting: 2 }, prompt)).toEqual({
      kind: 'open',
    });
  });

  it('waits at the cap where every connection carries a call', () => {
    expect(chooseConnection({ ...empty, open: 2 }, prompt)).toEqual({ kind: 'wait' });
  });
});

describe('on an origin that stalls on connections that have not rested', () => {
  it('uses the one that has rested longest', () => {
    const choice = chooseConnection(
      view([idle('longest', 90), idle('enough', 60), idle('just', 1)]),
      stalling,
    );
    expect(choice).toEqual({ kind: 'use', connection: 'longest' });
  });

  it('opens another rather than stall, where a fresh one does not', () => {
    expect(chooseConnection(view([idle('tired', 30)]), stalling)).toEqual({ kind: 'open' });
  });

  it('takes the place of the least rested one for that at the cap', () => {
    const choice = chooseConnection(view([idle('tired', 30), idle('just', 1)]), stalling);
    expect(choice).toEqual({ kind: 'replace', connection: 'just' });
  });

  it('counts a connection that never received a byte as rested', () => {
    const warm: Available<string> = { ...idle('warm', 1, 0), restingSince: NEVER };
    expect(chooseConnection(view([idle('tired', 30), warm]), stalling)).toMatchObject({ connection: 'warm' });
  });

  it('over TLS waits for the rest that is missing where that is less than the stall', () => {
    expect(chooseConnection(view([idle('nearly', 40)]), stallingTls)).toEqual({
      kind: 'wait',
      until: NOW + 8,
    });
  });

  it('over TLS takes the stall where every other way costs more: the others rest meanwhile', () => {
    const choice = chooseConnection(view([idle('a', 2), idle('b', 1)]), stallingTls);
    expect(choice).toEqual({ kind: 'use', connection: 'a' });
  });

  it('over TLS does not wait for a connection on its way, which would have to rest first', () => {
    const choice = chooseConnection(view([idle('tired', 2)], { opening: 1, coming: 1 }), stallingTls);
    expect(choice).toEqual({ kind: 'use', connection: 'tired' });
  });

  it('lets all of them rest at once where more requests come than the cap bears', () => {
    const choice = chooseConnection(view([idle('a', 12), idle('b', 8)]), { ...stallingTls, saturated: true });
    expect(choice).toEqual({ kind: 'wait', until: NOW + 40 });
  });

  it('uses an unrested one at once where only the end of its stream comes late', () => {
    const needs = { ...stallingTls, stall: 0, heldUp: 42 };
    expect(chooseConnection(view([idle('a', 2)]), needs)).toEqual({ kind: 'use', connection: 'a' });
  });

  it('replaces one whose end would hold it up, where a fresh one does not and the cap is what limits', () => {
    const needs = { ...stalling, stall: 0, heldUp: 42, saturated: true };
    const tired = view([idle('a', 2), idle('b', 1)]);
    expect(chooseConnection(tired, needs)).toEqual({ kind: 'replace', connection: 'b' });
    // Over TLS a fresh one is held up as well: one wait lets both rest.
    const overTls = { ...needs, handshake: 2, freshNeedsRest: true };
    expect(chooseConnection(tired, overTls)).toEqual({ kind: 'wait', until: NOW + 47 });
  });

  it('while that is only suspected uses the least rested one, so that another comes to rest', () => {
    const choice = chooseConnection(view([idle('a', 2), idle('b', 1)]), { ...stallingTls, suspected: true });
    expect(choice).toEqual({ kind: 'use', connection: 'b' });
  });

  it('tries the least rested one when it is time to see if the stall is still there', () => {
    const available = [idle('longest', 90), idle('just', 1)];
    expect(chooseConnection(view(available), { ...stalling, trial: true })).toEqual({
      kind: 'use',
      connection: 'just',
      trial: true,
    });
  });
});

describe('on an origin with few places', () => {
  const few: OriginNeeds = { ...stalling, places: 2 };
  const roomy = { maxConnections: 16 };

  it('a new connection takes the place of the one that has rested least, and joins no others', () => {
    const tired = view([idle('tired', 30), idle('just', 1)], roomy);
    expect(chooseConnection(tired, few)).toEqual({ kind: 'replace', connection: 'just' });
    expect(chooseConnection(tired, stalling)).toEqual({ kind: 'open' });
    expect(chooseConnection(view([idle('tired', 30)], roomy), few)).toEqual({ kind: 'open' });
  });

  it('or of the drain that would end last', () => {
    const draining = [
      { connection: 'first', drainingSince: NOW - 9 },
      { connection: 'last', drainingSince: NOW - 5 },
    ];
    const needs = { ...prompt, places: 2, tail: 42 };
    expect(chooseConnection({ ...empty, ...roomy, open: 2, draining }, needs)).toEqual({
      kind: 'replace',
      connection: 'last',
    });
  });

  it('but where all carry calls, one more waits for the server rather than here', () => {
    expect(chooseConnection({ ...empty, ...roomy, open: 2 }, few)).toEqual({ kind: 'open' });
  });
});

describe('whatever the origin needs', () => {
  const millis = fc.nat(1_000);
  const needs: fc.Arbitrary<OriginNeeds> = fc.record({
    suspected: fc.boolean(),
    rest: millis,
    stall: millis,
    heldUp: millis,
    saturated: fc.boolean(),
    trial: fc.boolean(),
    freshNeedsRest: fc.boolean(),
    handshake: millis,
    tail: millis,
    heldOpen: fc.boolean(),
    usableFor: fc.constant(Number.POSITIVE_INFINITY),
    costsConnections: fc.boolean(),
    freshFor: fc.constant(Number.POSITIVE_INFINITY),
    beside: fc.nat(8),
    places: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(Number.POSITIVE_INFINITY)),
  });
  const pool = fc
    .record({
      rested: fc.array(millis, { maxLength: 6 }),
      drained: fc.array(millis, { maxLength: 6 }),
      busy: fc.nat(4),
      opening: fc.nat(4),
      waiting: fc.integer({ min: 1, max: 20 }),
      spare: fc.nat(3),
    })
    .map(({ rested, drained, busy, opening, waiting, spare }): PoolView<string> => {
      const open = rested.length + drained.length + busy;
      return {
        available: rested.map((rest, index) => idle(`idle ${index}`, rest)),
        draining: drained.map((ms, index) => ({ connection: `drain ${index}`, drainingSince: NOW - ms })),
        now: NOW,
        open,
        opening,
        coming: opening,
        waiting,
        maxConnections: Math.max(1, open + opening + spare),
      };
    });

  it('never opens past the cap, replaces only what carries no call, and never waits for nothing', () => {
    fc.assert(
      fc.property(pool, needs, (view, needs) => {
        const choice = chooseConnection(view, needs);
        const { available, draining, open, opening, maxConnections } = view;
        const free = [...available, ...draining].map(({ connection }) => connection);
        if (choice.kind === 'open') expect(open + opening).toBeLessThan(maxConnections);
        if (choice.kind === 'open' && free.length > 0) expect(open + opening).toBeLessThan(needs.places);
        if (choice.kind === 'replace') expect(free).toContain(choice.connection);
        if (choice.kind === 'use')
          expect(available.map((one) => one.connection)).toContain(choice.connection);
        if (choice.kind === 'wait' && choice.until !== undefined) expect(choice.until).toBeGreaterThan(NOW);
        if (choice.kind === 'wait' && choice.until === undefined) {
          const othersWork = open > free.length || opening > 0;
          expect(othersWork).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
