import { describe, expect, it } from 'vitest';
import { Changes } from '../../../src/core/mcp/changes.ts';
import { FakeClock } from '../benchmark/fakeClock.ts';

/** Acts until `until` is over, and is told again whenever it has acted. */
async function echo(until: number) {
  const clock = new FakeClock();
  const loops: string[] = [];
  let asked = 0;
  const changes = new Changes(
    clock,
    () => asked,
    (kind) => loops.push(kind),
  );
  const actedAt: number[] = [];
  const over = Promise.withResolvers<void>();
  clock.schedule(until, () => over.resolve());
  const tell = () =>
    changes.told('list', () => {
      actedAt.push(clock.now());
      asked++;
      if (clock.now() < until) queueMicrotask(tell);
    });
  tell();
  await clock.runUntil(over.promise);
  return { actedAt, loops, clock, changes };
}

describe('a change that is told after each list', () => {
  it('is acted upon ever more seldom, once a minute at least', async () => {
    const { actedAt, loops } = await echo(600_000);
    const seconds = actedAt.map((at) => at / 1_000);
    expect(seconds.slice(0, 10)).toEqual([0, 0, 0, 1, 3, 7, 15, 31, 63, 123]);
    const pauses = seconds.slice(1).map((at, n) => at - (seconds[n] ?? 0));
    expect(Math.max(...pauses)).toBe(60);
    expect(loops).toEqual(['list']);
  });

  it('is acted upon at once again when it was quiet for a while', async () => {
    const { actedAt, clock, changes } = await echo(20_000);
    const before = actedAt.length;
    const later = Promise.withResolvers<void>();
    clock.schedule(100_000, () => later.resolve());
    await clock.runUntil(later.promise);
    const acted: number[] = [];
    for (let n = 0; n < 3; n++) changes.told('list', () => acted.push(n));
    expect(before).toBeLessThan(10);
    expect(acted).toEqual([0, 1, 2]);
  });
});

it('many changes at once are no loop: nothing was asked between them', () => {
  const changes = new Changes(
    new FakeClock(),
    () => 1,
    () => expect.fail('a loop'),
  );
  let acted = 0;
  for (let n = 0; n < 100; n++) changes.told('list', () => acted++);
  expect(acted).toBe(100);
});

it('the last of many changes is acted upon, and each of another kind at once', async () => {
  const clock = new FakeClock();
  let asked = 0;
  const changes = new Changes(
    clock,
    () => asked++,
    () => undefined,
  );
  let version = 0;
  const seen: number[] = [];
  const last = Promise.withResolvers<void>();
  for (let n = 0; n < 100; n++) {
    version = n;
    changes.told('list', () => {
      seen.push(version);
      if (version === 99) last.resolve();
    });
  }
  let others = 0;
  for (let n = 0; n < 50; n++) changes.told(`resource ${n}`, () => others++);
  expect({ seen, others }).toEqual({ seen: [0, 1, 2], others: 50 });
  await clock.runUntil(last.promise);
  expect(seen).toEqual([0, 1, 2, 99]);
});

it('a change that waits is not acted upon when nobody listens any more', async () => {
  const clock = new FakeClock();
  let asked = 0;
  const changes = new Changes(
    clock,
    () => asked++,
    () => undefined,
  );
  let acted = 0;
  for (let n = 0; n < 10; n++) changes.told('list', () => acted++);
  changes.close();
  const later = Promise.withResolvers<void>();
  clock.schedule(100_000, () => later.resolve());
  await clock.runUntil(later.promise);
  expect(acted).toBe(3);
});

it('of a thousand resources and no more it is remembered how often they changed', () => {
  let asked = 0;
  const changes = new Changes(
    new FakeClock(),
    () => asked++,
    () => undefined,
  );
  let acted = 0;
  const act = () => acted++;
  for (let n = 0; n < 4; n++) changes.told('first', act);
  expect(acted).toBe(3);
  for (let n = 0; n < 1_000; n++) changes.told(`other ${n}`, act);
  changes.told('first', act);
  expect(acted).toBe(1_004);
});
