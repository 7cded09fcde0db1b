import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Places } from '../../../../src/core/http/learning/places.ts';

const ANY = Number.POSITIVE_INFINITY;

describe('how many connections a server serves at one time', () => {
  it('is not known at first: it may be bound to one', () => {
    expect(new Places()).toMatchObject({ beside: 0, places: ANY });
  });

  it('is more than were open beside one that was served', () => {
    const places = new Places();
    expect(places.served(2)).toBe(true);
    expect(places.served(1)).toBe(false);
    expect(places).toMatchObject({ beside: 2, places: ANY });
  });

  it('is as many as were served when one waited for the end of others: one of them is left to other clients', () => {
    const places = new Places();
    places.starved(8);
    expect(places).toMatchObject({ beside: 0, places: 7 });
    places.starved(1);
    expect(places).toMatchObject({ beside: 0, places: 1 });
  });

  it('is believed anew where more are served after all: it was the tool that was slow', () => {
    const places = new Places();
    places.starved(3);
    expect(places.places).toBe(2);
    places.served(5);
    expect(places).toMatchObject({ beside: 5, places: 6 });
  });

  it('never leaves none for us, and never more silent ones than there are places beside them', () => {
    const step = fc.record({ served: fc.boolean(), count: fc.integer({ min: 1, max: 17 }) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const places = new Places();
        for (const { served, count } of steps) {
          if (served) places.served(count);
          else places.starved(count);
          expect(places.places).toBeGreaterThanOrEqual(1);
          expect(places.beside).toBeLessThan(places.places);
        }
      }),
    );
  });
});
