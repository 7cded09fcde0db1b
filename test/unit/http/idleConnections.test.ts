import { describe, expect, it } from 'vitest';
import { CallSlot, type OpenReason } from '../../../src/core/http/callSlot.ts';
import type { Exchange } from '../../../src/core/http/exchange.ts';
import { IdleConnections } from '../../../src/core/http/idleConnections.ts';
import { HandClock } from '../ui/questions/handClock.ts';
import { FakeConnection } from './fakePool.ts';

const { POSITIVE_INFINITY: NEVER } = Number;

function idle({ idleTimeout = 60_000, usableFor = NEVER, freshFor = NEVER, idleTrial = NEVER } = {}) {
  const clock = new HandClock();
  const closing = new AbortController();
  const due: number[] = [];
  const survived: number[] = [];
  const arrivals = { last: undefined } as never;
  const connections = new IdleConnections({
    clock,
    limits: { idleTimeout, warmConnections: 'auto' },
    facts: { arrivals, needs: { usableFor, freshFor } as never, idleTrial },
    signal: closing.signal,
    onDue: () => due.push(clock.now()),
    onSurvived: (ms) => survived.push(ms),
  });
  /** One that is idle from now on. */
  const slot = (uses: number, reason: OpenReason = 'request') => {
    const connection = new FakeConnection(
      1,
      '1.1',
      () => undefined,
      () => undefined,
    );
    connection.uses = uses;
    return new CallSlot(connection, reason, clock.now());
  };
  const expiresIn = (one: CallSlot) => connections.expiresAt(one) - clock.now();
  return { clock, closing, connections, due, survived, slot, expiresIn };
}

describe('an idle connection', () => {
  it('that has served is kept for the time of the settings, or for less where its server is known to close it', () => {
    const plain = idle();
    expect(plain.expiresIn(plain.slot(1))).toBe(60_000);
    const known = idle({ usableFor: 4_000 });
    expect(known.expiresIn(known.slot(1))).toBe(4_000);
  });

  it('that has carried nothing is kept for two seconds, ahead of requests no longer than its server keeps it', () => {
    const { expiresIn, slot } = idle({ usableFor: 1, freshFor: 800 });
    expect(expiresIn(slot(0, 'ahead'))).toBe(800);
    expect(expiresIn(slot(0, 'request')), 'its request takes it first').toBe(2_000);
  });

  it('is kept for a second however short the time of the settings, where a request is to take it', () => {
    const { expiresIn, slot } = idle({ idleTimeout: 0 });
    expect(expiresIn(slot(0, 'request'))).toBe(1_000);
    expect(expiresIn(slot(0, 'ahead'))).toBe(0);
    expect(expiresIn(slot(1))).toBe(0);
  });

  it('that carries something again has no end', () => {
    const { expiresIn, slot } = idle();
    const busy = slot(1);
    busy.carrying.add({} as Exchange);
    expect(expiresIn(busy)).toBe(NEVER);
  });

  it('is looked at when the first of all may have to go, by one timer', () => {
    const { clock, connections, due, slot } = idle();
    const first = slot(1);
    clock.pass(1_000);
    connections.expectAll([slot(1), first]);
    connections.expect(slot(1), []);
    expect(clock.timers).toBe(1);
    clock.pass(58_999);
    expect(due).toEqual([]);
    clock.pass(1);
    expect(due).toHaveLength(1);
  });

  it('has no timer once the pool is closed', () => {
    const { clock, closing, connections, slot } = idle();
    connections.expect(slot(1), []);
    closing.abort();
    connections.close();
    connections.expect(slot(1), []);
    expect(clock.timers).toBe(0);
  });
});

describe('an idle connection whose time is over', () => {
  it('shows whether its server would have closed it, one at a time, and is closed then', () => {
    const { clock, connections, survived, slot } = idle({ idleTrial: 5_000 });
    const tried = slot(1);
    clock.pass(4_000);
    expect(connections.tries(tried)).toBe(true);
    expect(connections.tries(slot(1)), 'one is under way').toBe(false);
    expect(connections.isTrying).toBe(true);
    clock.pass(1_000);
    expect(survived).toEqual([5_000]);
    expect(connections.isTrying).toBe(false);
    expect(tried.connection.usable).toBe(false);
  });

  it('is told apart where the server closes it after all', () => {
    const { clock, connections, survived, slot } = idle({ idleTrial: 5_000 });
    const tried = slot(1);
    connections.tries(tried);
    expect(connections.lost(slot(1).connection)).toBeUndefined();
    expect(connections.lost(tried.connection)).toBe(tried.idleSince);
    clock.pass(60_000);
    expect(survived).toEqual([]);
  });

  it.each([
    ['it has carried nothing', 0, {}],
    ['nothing is to be seen', 1, { idleTrial: NEVER }],
    ['the settings keep none for so long', 1, { idleTimeout: 4_000 }],
  ])('is not tried where %s', (_, uses, options) => {
    const { connections, slot } = idle({ idleTrial: 5_000, ...options });
    expect(connections.tries(slot(uses))).toBe(false);
  });
});
