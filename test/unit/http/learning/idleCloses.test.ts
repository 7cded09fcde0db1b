import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdleCloses } from '../../../../src/core/http/learning/idleCloses.ts';

describe('when a server closes idle connections', () => {
  it('is what its Keep-Alive header says, until it is seen to close sooner', () => {
    const idle = new IdleCloses();
    expect(idle.observeHint(5)).toBe(true);
    expect(idle.observeHint(5)).toBe(false);
    expect(idle.keepAlive).toEqual({ ms: 5_000, from: 'hint' });
    idle.observeClose(2_000, 10_000, 0);
    idle.observeClose(2_100, 20_000, 15_000);
    expect(idle.keepAlive).toEqual({ ms: 2_000, from: 'observed', seen: 2 });
  });

  it('is learnt from two closes alike, not from one, which may be a restart', () => {
    const idle = new IdleCloses();
    expect(idle.observeClose(5_000, 10_000, 0)).toBe(false);
    expect(idle.keepAlive).toBeUndefined();
    expect(idle.observeClose(5_200, 20_000, 11_000)).toBe(true);
    expect(idle.keepAlive).toEqual({ ms: 5_000, from: 'observed', seen: 2 });
  });

  it('is not learnt from a restart, which closes all that were open', () => {
    const idle = new IdleCloses();
    for (let n = 0; n < 5; n++) idle.observeClose(5_000 + n, 10_000 + 200 * n, 1_000 * n);
    expect(idle.keepAlive).toBeUndefined();
  });

  it('is not learnt from closes that have nothing in common', () => {
    const idle = new IdleCloses();
    for (const [close, now] of [
      [800, 1_000],
      [9_000, 20_000],
      [3_000, 40_000],
    ] as const)
      idle.observeClose(close, now, now - close);
    expect(idle.keepAlive).toBeUndefined();
  });

  it('is not learnt from two restarts soon after calls, which are not alike for being short', () => {
    const idle = new IdleCloses();
    idle.observeClose(150, 1_000, 0);
    expect(idle.observeClose(400, 3_000, 2_000)).toBe(false);
    expect(idle.keepAlive).toBeUndefined();
    idle.observeClose(2, 5_000, 4_000);
    expect(idle.observeClose(20, 7_000, 6_000), 'at once is at once').toBe(true);
  });

  it('is tried past that time where it was observed, and not where the header says so', () => {
    const idle = new IdleCloses();
    expect(idle.trial).toBeUndefined();
    idle.observeHint(60);
    expect(idle.trial).toBeUndefined();
    idle.observeClose(8_000, 10_000, 0);
    idle.observeClose(8_100, 30_000, 20_000);
    expect(idle.trial).toBe(10_000);
  });

  it('is unknown again where one stayed open for longer', () => {
    const idle = new IdleCloses();
    idle.observeClose(300, 1_000, 0);
    idle.observeClose(310, 3_000, 2_000);
    expect(idle.trial).toBe(550);
    expect(idle.observeSurvival(550)).toBe(true);
    expect(idle.keepAlive).toBeUndefined();
    expect(idle.observeSurvival(550), 'no news').toBe(false);
  });

  it('stays where only requests met the closes: an idle connection does not show them', () => {
    const idle = new IdleCloses();
    idle.observeClose(2, 1_000, 0, true);
    idle.observeClose(3, 3_000, 2_000, true);
    expect(idle.trial).toBeUndefined();
    expect(idle.observeSurvival(253)).toBe(false);
    expect(idle.keepAlive).toMatchObject({ ms: 2 });
  });

  it('is what the header says again where one stayed open for longer', () => {
    const idle = new IdleCloses();
    idle.observeHint(5);
    idle.observeClose(300, 1_000, 0);
    idle.observeClose(310, 3_000, 2_000);
    expect(idle.observeSurvival(550)).toBe(true);
    expect(idle.keepAlive).toEqual({ ms: 5_000, from: 'hint' });
  });

  it('is confirmed by each close of one on trial, and tells how many there were', () => {
    const idle = new IdleCloses();
    for (let n = 0; n < 4; n++) idle.observeClose(1_000 + n, 10_000 * (n + 1), 10_000 * n + 5_000);
    expect(idle.keepAlive).toEqual({ ms: 1_000, from: 'observed', seen: 4 });
  });

  it('makes a connection unusable a good while before, the way of a request included', () => {
    const idle = new IdleCloses();
    expect(idle.usableFor(50)).toBe(Number.POSITIVE_INFINITY);
    idle.observeHint(5);
    expect(idle.usableFor(50)).toBe(3_950);
    idle.observeHint(1);
    expect(idle.usableFor(0)).toBe(800);
    idle.observeHint(0);
    expect(idle.usableFor(50)).toBe(0);
  });

  it('makes no connection usable twice where it is closed with the response; one that has carried nothing is', () => {
    const idle = new IdleCloses();
    idle.observeClose(3, 1_000, 0);
    idle.observeClose(1, 3_000, 2_000);
    expect(idle.usableFor(0)).toBe(0);
    expect(idle.freshFor(0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('makes one that has carried nothing unusable as soon as any other', () => {
    const idle = new IdleCloses();
    expect(idle.freshFor(50)).toBe(Number.POSITIVE_INFINITY);
    idle.observeHint(5);
    expect(idle.freshFor(50)).toBe(idle.usableFor(50));
  });

  it('is learnt and kept where it looks once a second, wherever in that second the closes fall', () => {
    const within = fc.double({ min: 0, max: 1_000, noNaN: true });
    const closes = fc.tuple(within, within, fc.array(within, { maxLength: 20 }));
    fc.assert(
      fc.property(fc.integer({ min: 500, max: 120_000 }), closes, (timeout, [first, second, more]) => {
        const idle = new IdleCloses();
        let now = 0;
        for (const late of [first, second, ...more]) {
          const openedAt = now + 1;
          now += 200_000;
          idle.observeClose(timeout + late, now, openedAt);
        }
        expect(idle.keepAlive?.from).toBe('observed');
        expect(idle.trial, 'one that is closed last in a second is no survivor').toBeGreaterThan(
          timeout + 1_000,
        );
      }),
    );
  });

  it.each([500, 2_000, 5_000])(
    'leaves time for the close that comes soonest, where two that look once a second after %d ms came late in it',
    (timeout) => {
      for (const [first, second] of [
        [900, 800],
        [700, 950],
        [999, 100],
      ] as const) {
        const idle = new IdleCloses();
        idle.observeClose(timeout + first, 10_000, 0);
        idle.observeClose(timeout + second, 30_000, 20_000);
        expect(idle.usableFor(0)).toBeLessThan(timeout);
      }
    },
  );

  it('costs no more time than before where a server is exact', () => {
    const idle = new IdleCloses();
    idle.observeClose(2_000, 10_000, 0);
    idle.observeClose(2_020, 30_000, 20_000);
    expect(idle.usableFor(0)).toBe(1_600);
  });
});
