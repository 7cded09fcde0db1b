import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL, type PoolConfig } from '../../../src/core/config/serverConfig.ts';
import { OriginFacts } from '../../../src/core/http/learning/originFacts.ts';
import { OpeningAhead } from '../../../src/core/http/openingAhead.ts';
import { HandClock } from '../ui/questions/handClock.ts';

/** A server over TLS that serves eight at once, with what is open as the test has it. */
function ahead(limits: Partial<PoolConfig> = {}, { beside = 8, handshake = 20 } = {}) {
  const clock = new HandClock();
  const facts = new OriginFacts({ secure: true, reuse: 'auto', maxConnections: 16 });
  facts.opened(handshake, beside);
  facts.arrivals.add(clock.now());
  const slots = { size: 1, unused: 0, carrying: 0 };
  const cap = { most: 16, opening: 0, hasRoom: true };
  const opening = new OpeningAhead({ clock, limits: { ...DEFAULT_POOL, ...limits }, facts, slots, cap });
  return { clock, facts, slots, cap, opening };
}

describe('what is opened ahead', () => {
  it('is nothing as long as nothing asks for it', () => {
    expect(ahead().opening.missing(0, 0)).toBe(0);
  });

  it('is as many as the settings say, less those that are there or on their way to nobody, within the cap', () => {
    const { cap, opening } = ahead({ warmConnections: 3 });
    expect(opening.missing(0, 0)).toBe(3);
    expect(opening.missing(0, 2)).toBe(1);
    cap.opening = 2;
    expect(opening.missing(0, 0)).toBe(1);
    expect(opening.missing(2, 0), 'requests wait for both').toBe(3);
    cap.most = 4;
    expect(opening.missing(2, 0)).toBe(1);
  });

  it('is nothing after the server closed two that were never used, until the next request', () => {
    const { opening } = ahead({ warmConnections: 3 });
    opening.lost();
    expect(opening.missing(0, 0)).toBe(3);
    opening.lost();
    expect(opening.missing(0, 0)).toBe(0);
    opening.placed('ping');
    expect(opening.missing(0, 0)).toBe(3);
  });

  it('for a person is one, if none is ready, and if there is room and none is on its way', () => {
    const { cap, opening } = ahead();
    expect(opening.worthOne(true)).toBe(true);
    expect(opening.worthOne(false), 'the server is known to serve others beside it').toBe(false);
    cap.opening = 1;
    expect(opening.worthOne(true)).toBe(false);
    Object.assign(cap, { opening: 0, hasRoom: false });
    expect(opening.worthOne(true)).toBe(false);
  });

  it('to show whether the server serves two is tried three times', () => {
    const { opening } = ahead({}, { beside: 0 });
    for (let vain = 0; vain < 3; vain++) {
      expect(opening.worthOne(false)).toBe(true);
      if (vain === 1) opening.failed();
      else opening.unproven();
    }
    expect(opening.worthOne(false)).toBe(false);
  });

  it('to show that is tried beside one that is open, and not alone', () => {
    const { slots, opening } = ahead({}, { beside: 0 });
    slots.size = 0;
    expect(opening.worthOne(false)).toBe(false);
  });
});
