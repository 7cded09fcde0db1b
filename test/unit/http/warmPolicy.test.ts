import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arrivals } from '../../../src/core/http/learning/arrivals.ts';
import type { OriginNeeds } from '../../../src/core/http/learning/originFacts.ts';
import {
  connectionsAhead,
  linger,
  silentAtMost,
  type WarmView,
  worthOpening,
} from '../../../src/core/http/warmPolicy.ts';
import { PROMPT } from './promptNeeds.ts';

const needs = PROMPT;

/** Twenty requests, one every `gap` milliseconds, the last of them now. */
function every(gap: number, more: Partial<WarmView> = {}): WarmView {
  const arrivals = new Arrivals();
  for (let n = 0; n < 20; n++) arrivals.add(n * gap);
  return {
    now: 19 * gap,
    arrivals,
    setting: 'auto',
    singleUse: false,
    idleTimeout: 60_000,
    carrying: 1,
    turns: 0,
    mayTry: true,
    ...more,
  };
}

/** Far away, and known to serve others beside silent connections. */
const far: OriginNeeds = { ...needs, handshake: 110, beside: 15 };
const costly: OriginNeeds = { ...far, costsConnections: true };
/** It stalls, and what a handshake leaves behind has to rest as well. */
const stalling: OriginNeeds = { ...needs, freshNeedsRest: true, handshake: 4, rest: 48, beside: 15 };

const NONE = { warm: 0, rotating: 0 };

describe('how many connections are opened ahead', () => {
  it('is none where connections can be used again', () => {
    expect(connectionsAhead(every(30), far)).toEqual(NONE);
  });

  it('follows rate times handshake where each call costs one', () => {
    // A link of 50 ms: TCP and TLS take 110, and a call comes every 55.
    expect(connectionsAhead(every(55), costly).warm).toBe(4);
    expect(connectionsAhead(every(1_500), costly).warm).toBe(2);
  });

  it('is as many as a whole burst needs', () => {
    const arrivals = new Arrivals();
    for (const start of [0, 1_000]) for (let n = 0; n < 8; n++) arrivals.add(start);
    const view = { ...every(1), arrivals, now: 1_001 };
    expect(connectionsAhead(view, costly).warm).toBe(9);
  });

  it('counts a connection that the server closes before the next call as used up', () => {
    expect(connectionsAhead(every(1_500), { ...far, usableFor: 800 }).warm).toBe(2);
    expect(connectionsAhead(every(30), { ...far, usableFor: 800 }).warm).toBe(0);
  });

  it('lets as many take turns as requests come while one rests', () => {
    expect(connectionsAhead(every(30), stalling).rotating).toBe(3);
    expect(connectionsAhead(every(10), stalling).rotating).toBe(6);
  });

  it('is one beside those that carry something where rest is only suspected to help', () => {
    const suspected = { ...stalling, suspected: true };
    expect(connectionsAhead(every(1, { carrying: 1 }), suspected).rotating).toBe(2);
    expect(connectionsAhead(every(10, { carrying: 4, turns: 6 }), suspected).rotating).toBe(5);
  });

  it('is more where requests found none that had rested, each once the one before shows that the server serves it', () => {
    expect(connectionsAhead(every(42, { turns: 6 }), stalling).rotating).toBe(6);
    expect(connectionsAhead(every(42, { turns: 6 }), { ...stalling, beside: 2 }).rotating).toBe(4);
  });

  it('is what the setting says, as far as the server has places', () => {
    expect(connectionsAhead(every(30, { setting: 3 }), needs)).toEqual({ warm: 3, rotating: 0 });
    expect(connectionsAhead(every(30, { setting: 3 }), { ...needs, places: 2 }).warm).toBe(1);
    expect(connectionsAhead(every(30, { setting: 0 }), costly).warm).toBe(0);
  });

  it('is none two seconds after the last request, and where requests come less often', () => {
    expect(connectionsAhead(every(30, { now: 19 * 30 + 1_999 }), costly).warm).not.toBe(0);
    expect(connectionsAhead(every(30, { now: 19 * 30 + 2_001 }), costly)).toEqual(NONE);
    expect(connectionsAhead(every(5_000), costly)).toEqual(NONE);
    expect(linger({ setting: 'auto', idleTimeout: 60_000 })).toBe(2_000);
    expect(linger({ setting: 'auto', idleTimeout: 200 })).toBe(200);
    expect(linger({ setting: 2, idleTimeout: 60_000 })).toBe(60_000);
  });

  it.each([0, 0.1, 0.3, 1, 1.9])(
    'is none where a connection opens in %d ms: nothing is gained',
    (handshake) => {
      expect(connectionsAhead(every(30), { ...costly, handshake })).toEqual(NONE);
      // Without TLS a new one needs no rest: the call that finds none rested opens it.
      const plain = { ...stalling, freshNeedsRest: false, handshake };
      expect(connectionsAhead(every(30), plain)).toEqual(NONE);
    },
  );

  it('is some where a connection opens at once, the server serves others meanwhile, and calls follow each other as quickly', () => {
    const near = { ...costly, handshake: 0.3 };
    expect(connectionsAhead(every(1), near).warm).toBe(2);
    expect(connectionsAhead(every(10), near)).toEqual(NONE);
    expect(connectionsAhead(every(1), { ...near, beside: 0 })).toEqual(NONE);
  });
});

describe('a server that may be bound to a silent connection', () => {
  it('has none opened ahead, however much a handshake costs', () => {
    expect(connectionsAhead(every(55), { ...costly, beside: 0 })).toEqual(NONE);
    expect(worthOpening('auto', { ...costly, beside: 0 })).toBe(false);
  });

  it('over TLS has one opened beside another one, since its handshake shows whether it is bound', () => {
    const unknown = { ...costly, beside: 0, freshNeedsRest: true };
    expect(connectionsAhead(every(55), unknown).warm).toBe(1);
    expect(connectionsAhead(every(55, { mayTry: false }), unknown)).toEqual(NONE);
    expect(connectionsAhead(every(10), { ...stalling, beside: 0 }).rotating).toBe(2);
    expect(connectionsAhead(every(10), { ...stalling, beside: 2 }).rotating).toBe(4);
  });

  it('has as many as others were served beside', () => {
    expect(connectionsAhead(every(55), { ...costly, beside: 2 }).warm).toBe(2);
    expect(worthOpening('auto', { ...far, beside: 1 })).toBe(true);
  });

  it('has none opened for the call of a person where a handshake is not felt, unless the settings say so', () => {
    expect(worthOpening('auto', { ...needs, beside: 4 })).toBe(false);
    expect(worthOpening(1, needs)).toBe(true);
    expect(worthOpening(0, far)).toBe(false);
  });

  it('always has a place left, whatever was learnt', () => {
    const settings = fc.oneof(fc.constant('auto' as const), fc.nat(16));
    const learnt = fc.record({
      places: fc.integer({ min: 1, max: 20 }),
      beside: fc.nat(20),
      handshake: fc.nat(200),
      rest: fc.nat(100),
      freshNeedsRest: fc.boolean(),
      costsConnections: fc.boolean(),
      suspected: fc.boolean(),
    });
    fc.assert(
      fc.property(settings, learnt, fc.nat(300), fc.nat(16), (setting, more, gap, turns) => {
        const all = { ...needs, ...more };
        const { warm, rotating } = connectionsAhead(every(gap, { setting, turns }), all);
        expect(warm).toBeLessThan(all.places);
        expect(rotating).toBeLessThanOrEqual(all.places);
        expect(silentAtMost(setting, all)).toBeLessThan(all.places);
      }),
    );
  });
});
