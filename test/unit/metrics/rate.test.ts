import { expect, it } from 'vitest';
import { Rate } from '../../../src/core/metrics/rate.ts';

it('gives so many within a window, tells of the first that is too many, and begins anew after it', () => {
  let now = 0;
  const rate = new Rate({ now: () => now, wallTime: () => now, schedule: () => () => undefined }, 2, 100);
  const take = (count: number) => Array.from({ length: count }, () => rate.take());
  expect(take(5)).toEqual(['yes', 'yes', 'first', 'no', 'no']);
  now = 99;
  expect(take(1)).toEqual(['no']);
  now = 100;
  expect(take(3)).toEqual(['yes', 'yes', 'first']);
});
