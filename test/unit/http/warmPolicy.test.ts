import { describe, expect, it } from 'vitest';
import { Arrivals } from '../../../src/core/http/learning/arrivals.ts';
import type { OriginNeeds } from '../../../src/core/http/learning/originFacts.ts';
import { connectionsAhead, linger, type WarmView } from '../../../src/core/http/warmPolicy.ts';

const needs: OriginNeeds = {
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
};

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
    tired: 0,
    ...more,
  };
}

describe('how many connections are opened ahead', () => {
  it('is none where connections can be used again', () => {
    expect(connectionsAhead(every(30), needs)).toEqual({ warm: 0, rotating: 0 });
  });

  it('follows rate times handshake where each call costs one', () => {
    const costly = { ...needs, costsConnections: true };
    expect(connectionsAhead(every(30), costly).warm).toBe(2);
    // A link of 50 ms: TCP and TLS take 110, and a call comes every 55.
    expect(connectionsAhead(every(55), { ...costly, handshake: 110 }).warm).toBe(4);
    expect(connectionsAhead(every(5_000), { ...costly, handshake: 110 }).warm).toBe(2);
  });

  it('is as many as a whole burst needs', () => {
    const arrivals = new Arrivals();
    for (const start of [0, 1_000]) for (let n = 0; n < 8; n++) arrivals.add(start);
    const view = { ...every(1), arrivals, now: 1_001 };
    expect(connectionsAhead(view, { ...needs, costsConnections: true }).warm).toBe(9);
  });

  it('counts a connection that the server closes before the next call as used up', () => {
    expect(connectionsAhead(every(5_000), { ...needs, usableFor: 800 }).warm).toBe(2);
    expect(connectionsAhead(every(30), { ...needs, usableFor: 800 }).warm).toBe(0);
  });

  it('lets as many take turns as requests come while one rests', () => {
    expect(connectionsAhead(every(30), { ...needs, rest: 48 }).rotating).toBe(3);
    expect(connectionsAhead(every(10), { ...needs, rest: 48 }).rotating).toBe(6);
  });

  it('is one beside those that carry something where rest is only suspected to help', () => {
    const suspected = { ...needs, suspected: true, rest: 48 };
    expect(connectionsAhead(every(1, { carrying: 1 }), suspected).rotating).toBe(2);
    expect(connectionsAhead(every(10, { carrying: 4, tired: 6 }), suspected).rotating).toBe(5);
  });

  it('grows by a half where requests found none that had rested', () => {
    expect(connectionsAhead(every(42, { tired: 4 }), { ...needs, rest: 48 }).rotating).toBe(6);
  });

  it('is what the setting says', () => {
    expect(connectionsAhead(every(30, { setting: 3 }), needs)).toEqual({ warm: 3, rotating: 0 });
    expect(connectionsAhead(every(30, { setting: 0 }), { ...needs, costsConnections: true }).warm).toBe(0);
  });

  it('falls to none when no more requests come', () => {
    const costly = { ...needs, costsConnections: true };
    expect(connectionsAhead(every(30, { now: 19 * 30 + 2_001 }), costly).warm).toBe(0);
    expect(connectionsAhead(every(5_000, { now: 19 * 5_000 + 19_000 }), costly).warm).toBe(2);
    expect(connectionsAhead(every(5_000, { now: 19 * 5_000 + 20_001 }), costly).warm).toBe(0);
    expect(linger(every(3_600_000))).toBe(60_000);
  });
});
