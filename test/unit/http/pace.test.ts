import { expect, it } from 'vitest';
import { Pace } from '../../../src/core/http/pace.ts';

/** A clock whose timers run when they are told to. */
function paced() {
  let now = 0;
  const timers: (() => void)[] = [];
  const pace = new Pace({
    now: () => now,
    wallTime: () => now,
    schedule: (_, task) => {
      timers.push(task);
      return () => undefined;
    },
  });
  const work = (ms: number) =>
    pace.spend(() => {
      now += ms;
    });
  return { pace, work, timers, nextTurn: () => timers.splice(0).forEach((task) => void task()) };
}

it('small answers need no timer', () => {
  const { pace, work, timers } = paced();
  for (let n = 0; n < 9; n++) work(0.1);
  expect(pace.hasTime).toBe(true);
  expect(timers).toEqual([]);
});

it('a turn has 10 ms for all that a server sends, and the next one has as much again', () => {
  const { pace, work, nextTurn } = paced();
  work(6);
  expect(pace.hasTime).toBe(true);
  work(6);
  expect(pace.hasTime).toBe(false);
  nextTurn();
  expect(pace.hasTime).toBe(true);
});

it('who waits goes on in turn, none of them before another that has waited longer', () => {
  const { pace, work, nextTurn } = paced();
  const read: string[] = [];
  const endless = (name: string) => () => {
    read.push(name);
    work(6);
    pace.later(endless(name));
  };
  for (const name of ['a', 'b', 'c']) pace.later(endless(name));
  nextTurn();
  expect(read).toEqual(['a', 'b']);
  nextTurn();
  expect(read).toEqual(['a', 'b', 'c', 'a']);
});
