import type { Clock } from '../metrics/clock.ts';

/** Milliseconds that a connect waits for what a server ought to answer at once, and may answer late or never. */
const SOON = 100;

/** Resolves when the promise has settled, whatever became of it, or after so many milliseconds without it. */
export async function settledWithin(promise: Promise<unknown>, clock: Clock, ms: number): Promise<void> {
  let cancel = () => {};
  const later = new Promise<void>((resolve) => {
    cancel = clock.schedule(ms, resolve);
  });
  await Promise.race([promise.then(ignore, ignore), later]);
  cancel();
}

function ignore(): void {}

/**
 * Resolves when the promise does, or a moment later without it; rejects with it.
 * @param ms of the moment, where it is to be longer than 100
 */
export async function orSoon(promise: Promise<void>, clock: Clock, ms = 0): Promise<void> {
  let cancel = () => {};
  const moment = new Promise<void>((resolve) => {
    cancel = clock.schedule(Math.max(SOON, ms), resolve);
  });
  await Promise.race([promise, moment]).finally(() => cancel());
}
