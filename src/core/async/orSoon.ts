import type { Clock } from '../metrics/clock.ts';

/** Milliseconds to wait for what a server ought to answer at once, and may answer late or never. */
const SOON = 100;

/**
 * Resolves when the promise does, or a moment later without it; rejects with it.
 * @param ms of the moment, where it is to be longer than 100
 */
export function orSoon(promise: Promise<void>, clock: Clock, ms = 0): Promise<void> {
  return orAfter(promise, clock, Math.max(SOON, ms));
}

/** Resolves when the promise has settled, whatever became of it, or after so many milliseconds without it. */
export function settledWithin(promise: Promise<unknown>, clock: Clock, ms: number): Promise<void> {
  return orAfter(promise.then(ignore, ignore), clock, ms);
}

async function orAfter(promise: Promise<void>, clock: Clock, ms: number): Promise<void> {
  let cancel = () => {};
  const over = new Promise<void>((resolve) => {
    cancel = clock.schedule(ms, resolve);
  });
  await Promise.race([promise, over]).finally(() => cancel());
}

function ignore(): void {}
