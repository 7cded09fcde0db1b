import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/core/metrics/clock.ts';
import { RequestTime } from '../../../src/core/transport/requestTime.ts';

/** A clock that is moved by hand. */
function handClock() {
  let now = 0;
  const tasks = new Set<{ at: number; run: () => void }>();
  const clock: Clock = {
    now: () => now,
    wallTime: () => now,
    schedule(ms, run) {
      const task = { at: now + ms, run };
      tasks.add(task);
      return () => tasks.delete(task);
    },
  };
  const move = (ms: number) => {
    now += ms;
    for (const task of tasks) if (task.at <= now && tasks.delete(task)) task.run();
  };
  return { clock, move, waiting: () => tasks.size };
}

describe('the time of a request', () => {
  it('stands still while somebody is asked, and goes on with what was left', () => {
    const { clock, move } = handClock();
    const over: number[] = [];
    const time = new RequestTime(clock, 100, (ms) => over.push(ms));
    move(60);
    const goOn = time.hold();
    const goOnToo = time.hold();
    move(10_000);
    goOn();
    move(10_000);
    goOnToo();
    move(39);
    expect(over).toEqual([]);
    move(1);
    expect(over).toEqual([40]);
  });

  it('is not prolonged by a server that asks again and again', () => {
    const { clock, move } = handClock();
    let isOver = false;
    const time = new RequestTime(clock, 100, () => {
      isOver = true;
    });
    for (let n = 0; n < 10; n++) {
      move(10);
      time.hold()();
    }
    move(1);
    expect(isOver).toBe(true);
  });

  it('stands still for an hour at most', () => {
    const { clock, move } = handClock();
    let isOver = false;
    const time = new RequestTime(clock, 100, () => {
      isOver = true;
    });
    time.hold();
    move(3_599_999);
    expect(isOver).toBe(false);
    move(1);
    expect(isOver).toBe(true);
  });

  it('leaves no timer behind, also where somebody still answers after it', () => {
    const { clock, waiting } = handClock();
    const time = new RequestTime(clock, 100, () => undefined);
    const goOn = time.hold();
    time.stop();
    goOn();
    time.hold();
    expect(waiting()).toBe(0);
  });
});
