import { describe, expect, it } from 'vitest';
import {
  type Answered,
  OriginFacts,
  type OriginOptions,
} from '../../../../src/core/http/learning/originFacts.ts';
import { USUAL_TAIL } from '../../../../src/core/http/learning/streamEnds.ts';
import type { DrainOutcome } from '../../../../src/core/metrics/requestTiming.ts';

const NEVER = Number.POSITIVE_INFINITY;

function facts(options: Partial<OriginOptions> = {}): OriginFacts {
  return new OriginFacts({ secure: false, reuse: 'auto', maxConnections: 16, ...options });
}

const ended = (outcome: DrainOutcome, ms = 0) => ({ outcome, ms, bytes: 0 });

/** An answer that came whole, on a connection that was used again at once. */
const prompt: Answered = {
  rest: 1,
  lateness: 0.4,
  began: 0.8,
  likeness: 'tools/call a',
  drain: ended('reused'),
  first: false,
  multiplexed: false,
};

/** @returns for each answer, whether it was news */
function tell(origin: OriginFacts, count: number, answered: Partial<Answered> = {}): boolean[] {
  return Array.from({ length: count }, () => origin.answered({ ...prompt, ...answered }));
}

/** Calls one after another whose connections rest as asked, of a server whose second piece is held for 42 ms. */
function stall(origin: OriginFacts, calls: number, more: Partial<Answered> = {}): void {
  for (let n = 0; n < calls; n++) {
    const needs = origin.needsOf(prompt.likeness);
    const rest = needs.trial ? 1 : Math.max(1, needs.rest);
    if (needs.trial) origin.trying();
    origin.answered({ ...prompt, rest, lateness: rest < 40 ? 42 : 0.4, ...more });
  }
}

describe('what an origin needs', () => {
  it('is nothing at first, but to let a stream end in a packet of its own', () => {
    expect(facts().needs).toEqual({
      suspected: false,
      rest: 0,
      stall: 0,
      heldUp: 0,
      saturated: false,
      trial: false,
      freshNeedsRest: false,
      handshake: 0,
      tail: USUAL_TAIL,
      heldOpen: false,
      usableFor: NEVER,
      costsConnections: false,
      freshFor: NEVER,
      beside: 0,
      places: NEVER,
    });
    expect(facts().findings()).toEqual([]);
  });

  it('stays nothing on a server that answers whole, and nothing of it is news', () => {
    const origin = facts();
    tell(origin, 10);
    const { needs } = origin;
    expect(tell(origin, 100)).not.toContain(true);
    expect(needs).toMatchObject({ rest: 0, costsConnections: false });
    expect(origin.needs, 'concluded anew for what is no news').toBe(needs);
    expect(origin.rotation).toBe(0);
    expect(origin.findings()).toEqual([]);
  });

  it('is rest where answers come late on connections that had none, though it was calm for long', () => {
    const origin = facts();
    tell(origin, 100);
    stall(origin, 10);
    expect(origin.needs).toMatchObject({ stall: 42, heldUp: 0, freshNeedsRest: false });
    expect(origin.needs.rest).toBeCloseTo(48.3);
    expect(origin.findings()).toEqual([
      { kind: 'stall', of: 'response', ms: 42, rest: origin.needs.rest, late: 3, all: 3, rotating: 1 },
    ]);
  });

  it('is rest where only the end of the stream is late: no caller stalls, the connection is held up', () => {
    const origin = facts();
    const news = Array.from({ length: 10 }, () => {
      const needs = origin.needsOf(prompt.likeness);
      const rest = needs.trial ? 1 : Math.max(1, needs.rest);
      if (needs.trial) origin.trying();
      return origin.answered({ ...prompt, rest, drain: ended('drained', rest < 40 ? 41 : 0.3) });
    });
    expect(news.filter(Boolean), 'known; a suspicion is no news').toHaveLength(1);
    expect(origin.needs).toMatchObject({ stall: 0, heldUp: 41 });
    expect(origin.needs.rest).toBeCloseTo(47.15);
    expect(origin.findings()).toMatchObject([{ kind: 'stall', of: 'end', ms: 41 }]);
  });

  it('is asked for before it is proved, of the like of it alone, and told only when it is proved', () => {
    const origin = facts();
    expect(tell(origin, 2, { lateness: 42 })).toEqual([false, false]);
    expect(origin.suspects(prompt.likeness)).toBe(true);
    expect(origin.needsOf(prompt.likeness)).toMatchObject({ suspected: true, stall: 42 });
    expect(origin.needsOf(prompt.likeness).rest).toBeGreaterThan(40);
    expect(origin.needsOf('tools/call b')).toMatchObject({ suspected: false, rest: 0, stall: 0 });
    expect(origin.needs).toMatchObject({ suspected: false, rest: 0, stall: 0 });
    expect(tell(origin, 3, { rest: 60 })).toEqual([false, false, false]);
    expect(origin.needsOf(prompt.likeness).trial).toBe(true);
    expect(origin.needs.trial, 'of another').toBe(false);
    expect(origin.findings()).toEqual([]);
    expect(tell(origin, 1, { lateness: 42 })).toEqual([true]);
    expect(origin.findings()).toHaveLength(1);
    expect(origin.needsOf('tools/call b'), 'known of all').toMatchObject({ suspected: false, stall: 42 });
  });

  it('is no rest where connections are always used again, and the stall is told all the same', () => {
    const origin = facts({ reuse: 'always' });
    tell(origin, 2, { lateness: 42 });
    tell(origin, 3, { rest: 60 });
    tell(origin, 1, { lateness: 42 });
    tell(origin, 300, { rest: 60 });
    expect(origin.needs).toMatchObject({ rest: 0, stall: 42, saturated: false, trial: false });
    expect(origin.rotation).toBe(0);
    expect(origin.findings()).toMatchObject([{ kind: 'stall', of: 'response' }]);
  });

  it('is one trial after two hundred calls, and no second one while it is under way', () => {
    const origin = facts();
    stall(origin, 10);
    expect(origin.needs.trial).toBe(false);
    stall(origin, 196);
    expect(origin.needs.trial).toBe(true);
    origin.trying();
    expect(origin.needs.trial).toBe(false);
  });

  it('is not learnt over HTTP/2 where streams share a connection, nor how they ended', () => {
    const origin = facts({ secure: true });
    const late = { lateness: 42, began: 42, multiplexed: 'shared', drain: ended('held-open', 250) } as const;
    expect(tell(origin, 50, late)).not.toContain(true);
    expect(origin.needs).toMatchObject({ rest: 0, heldOpen: false, costsConnections: false });
  });

  describe('where something on the way keeps answers back, over HTTP/2 too', () => {
    /** Calls one after another whose connections rest as asked; without rest the whole answer comes late. */
    function relayed(
      origin: OriginFacts,
      calls: number,
      began: (rest: number) => number = (rest) => (rest < 40 ? 44 : 1),
    ): void {
      for (let n = 0; n < calls; n++) {
        const needs = origin.needsOf(prompt.likeness);
        const rest = needs.trial ? 1 : Math.max(1, needs.rest);
        if (needs.trial) origin.trying();
        const ms = began(rest);
        origin.answered({ ...prompt, rest, lateness: 0, began: ms, multiplexed: 'alone' });
      }
    }

    it('is rest, as soon as both ways were seen', () => {
      const origin = facts({ secure: true });
      origin.opened(3, 0, 0.2);
      relayed(origin, 10);
      expect(origin.needs.rest).toBeGreaterThanOrEqual(40);
      expect(origin.needs).toMatchObject({ suspected: false, heldUp: 0 });
      expect(origin.findings()).toEqual([expect.objectContaining({ kind: 'stall', of: 'response' })]);
    });

    it.each([
      ['a round trip takes as long', 45, 50],
      ['a tool takes its time', 0.2, 120],
      ['a tool takes longer than any acknowledgement is delayed', 0.2, 400],
    ])('is none where %s', (_, reachedIn, began) => {
      const origin = facts({ secure: true });
      origin.opened(3 * reachedIn, 0, reachedIn);
      relayed(origin, 40, () => began);
      expect(origin.findings()).toEqual([]);
    });

    it('asks nothing of a tool that takes its time where anything else was quick', () => {
      const origin = facts({ secure: true });
      origin.opened(3, 0, 0.2);
      tell(origin, 1, { likeness: 'tools/list', multiplexed: 'alone' });
      tell(origin, 16, { likeness: 'slow', began: 50, multiplexed: 'alone' });
      expect(origin.suspects('slow')).toBe(false);
      // Long after the quick one, the way may have changed.
      tell(origin, 3, { likeness: 'slow', began: 50, multiplexed: 'alone' });
      expect(origin.suspects('slow')).toBe(true);
    });

    it('asks nothing where a busy machine makes each answer late, and none like the one before it', () => {
      const origin = facts({ secure: true });
      origin.opened(3, 0, 0.2);
      for (const began of [44, 60, 38, 95, 52, 140, 41, 70]) tell(origin, 1, { began, multiplexed: 'alone' });
      expect(origin.suspects(prompt.likeness)).toBe(false);
    });
  });

  it('is not learnt from first uses over TLS, which a handshake leaves as it likes', () => {
    const secure = facts({ secure: true });
    tell(secure, 20, { first: true, lateness: 42 });
    expect(secure.needs).toMatchObject({ rest: 0, stall: 0, freshNeedsRest: true });
    const plain = facts();
    tell(plain, 20, { first: true, lateness: 42 });
    expect(plain.needsOf(prompt.likeness).stall).toBe(42);
  });

  it('but how such a stream ended is evidence: where none can be used again, each use is the first', () => {
    const origin = facts({ secure: true });
    expect(tell(origin, 3, { first: true, drain: ended('closed-by-server') })).toEqual([false, false, true]);
    expect(origin.needs.costsConnections).toBe(true);
    expect(origin.findings()).toEqual([{ kind: 'closes', closed: 3, all: 3 }]);
  });

  it('is a new connection for each call where streams are held open, for as long as was seen', () => {
    const origin = facts();
    tell(origin, 4, { drain: ended('held-open', 250) });
    expect(origin.needs).toMatchObject({ heldOpen: true, costsConnections: true, rest: 0 });
    expect(origin.findings()).toEqual([{ kind: 'held-open', held: 4, all: 4, ms: 250 }]);
  });

  it('is not a late end where the stream was cut: nobody knows when it would have ended', () => {
    const origin = facts();
    tell(origin, 20, { drain: ended('reset', 42) });
    expect(origin.needs).toMatchObject({ heldUp: 0, rest: 0 });
  });

  it('is patience as long as the last streams took to end', () => {
    const origin = facts();
    tell(origin, 1, { drain: ended('drained', 9) });
    expect(origin.needs.tail).toBe(9);
  });
});

describe('a handshake with an origin', () => {
  it('takes as long as the quickest of the last five: slow ones were slow for another reason', () => {
    const origin = facts();
    for (const ms of [5, 6, 500, 4, 7]) origin.opened(ms, 0);
    expect(origin.needs.handshake).toBe(4);
    for (const ms of [60, 61, 62, 63, 64]) origin.opened(ms, 0);
    expect(origin.needs.handshake).toBe(60);
  });

  it('is believed less each time that a request waits for rest instead, until one is made again', () => {
    const origin = facts();
    origin.opened(60, 0);
    for (let n = 0; n < 35; n++) origin.waited();
    expect(origin.needs.handshake).toBeCloseTo(30, 0);
    origin.opened(60, 0);
    expect(origin.needs.handshake).toBe(60);
  });
});

describe('connections that a server serves at one time', () => {
  it('are known by an answer on a connection beside older ones; over TLS by the handshake already', () => {
    const plain = facts();
    plain.opened(1, 3);
    expect(plain.needs.beside).toBe(0);
    plain.servedBeside(3);
    expect(plain.needs.beside).toBe(3);
    const secure = facts({ secure: true });
    secure.opened(1, 3);
    expect(secure.needs).toMatchObject({ beside: 3, places: NEVER });
  });

  it('are as many as are left when one is answered because others were closed, less one for other clients', () => {
    const origin = facts();
    origin.servedBeside(7);
    origin.starved(8);
    expect(origin.needs).toMatchObject({ beside: 6, places: 7 });
  });
});

describe('connections that take turns', () => {
  /** One request every `gap` milliseconds. */
  function calledEvery(gap: number, options: Partial<OriginOptions> = {}): OriginFacts {
    const origin = facts(options);
    for (let n = 0; n < 64; n++) origin.arrivals.add(n * gap);
    stall(origin, 10);
    return origin;
  }

  it('are one more than the requests that come while one rests', () => {
    expect(calledEvery(30).rotation).toBe(3);
    expect(calledEvery(10).rotation).toBe(6);
    expect(calledEvery(30).findings()).toMatchObject([{ rotating: 3 }]);
  });

  it('are too few where as many requests come as there may be connections', () => {
    expect(calledEvery(10, { maxConnections: 6 }).needs.saturated).toBe(false);
    expect(calledEvery(10, { maxConnections: 5 }).needs.saturated).toBe(true);
    expect(calledEvery(1).needs.saturated).toBe(true);
  });

  it('are not needed, however many requests come, where nothing stalls', () => {
    const origin = facts();
    for (let n = 0; n < 64; n++) origin.arrivals.add(0);
    tell(origin, 10);
    expect(origin.needs.saturated).toBe(false);
  });
});

describe('an idle connection', () => {
  it('is given up before the time that the header names, by a fifth, at most a second, and a handshake', () => {
    const origin = facts();
    origin.opened(50, 0);
    expect(origin.needs.usableFor).toBe(NEVER);
    expect(origin.keepAliveHint(5)).toBe(true);
    expect(origin.keepAliveHint(5)).toBe(false);
    expect(origin.needs.usableFor).toBe(3_950);
    expect(origin.findings()).toEqual([{ kind: 'keep-alive', ms: 5_000, from: 'hint' }]);
  });

  it('is given up before the time after which two were closed', () => {
    const origin = facts();
    expect(origin.closedIdle(1_000, 1_000, 0)).toBe(false);
    expect(origin.needs.usableFor).toBe(NEVER);
    expect(origin.closedIdle(1_010, 3_000, 1_500)).toBe(true);
    expect(origin.needs.usableFor).toBe(800);
    expect(origin.findings()).toEqual([{ kind: 'keep-alive', ms: 1_000, from: 'observed', seen: 2 }]);
  });

  it('is used again where one was left idle on trial and stayed open', () => {
    const origin = facts();
    expect(origin.idleTrial).toBeUndefined();
    origin.closedIdle(1_000, 1_000, 0);
    origin.closedIdle(1_010, 3_000, 1_500);
    expect(origin.idleTrial, 'one that looks once a second closes up to a second later').toBe(2_250);
    expect(origin.stayedOpen(2_250)).toBe(true);
    expect(origin.needs.usableFor).toBe(NEVER);
    expect(origin.findings()).toEqual([]);
  });

  it('was closed for its idleness only if the close came about as soon as the request was sent', () => {
    const origin = facts();
    origin.opened(40, 0);
    for (const [sinceSent, now] of [
      [81, 1_000],
      [400, 3_000],
      [9_000, 20_000],
    ] as const)
      expect(origin.closedUnder(sinceSent, 200, now, now - 500)).toBe(false);
    expect(origin.findings(), 'what the server made of the request').toEqual([]);
    origin.closedUnder(80, 200, 30_000, 29_000);
    expect(origin.closedUnder(80, 201, 40_000, 39_000)).toBe(true);
    expect(facts().closedUnder(51, 200, 1_000, 0)).toBe(false);
  });
});
