import { describe, expect, it } from 'vitest';
import { SocketCap } from '../../../src/core/http/socketCap.ts';

/** A cap of two. What is open is what was opened, and not closed. */
function capOfTwo() {
  const slots = { size: 0, hasSpentShared: false };
  const cap = new SocketCap(2, slots);
  const open = () => {
    cap.want();
    cap.enter();
    cap.opened();
    slots.size++;
  };
  return { cap, slots, open };
}

describe('sockets at the cap', () => {
  it('are counted until they are closed indeed, and not while they wait for room', () => {
    const { cap, open } = capOfTwo();
    open();
    cap.want();
    expect(cap).toMatchObject({ opening: 1, hasRoom: true, isReached: false });
    cap.enter();
    expect(cap).toMatchObject({ opening: 1, hasRoom: false, isReached: true });
    cap.failed();
    expect(cap).toMatchObject({ opening: 0, hasRoom: true, isReached: false });
  });

  it('let those in that wait, one for each that is gone, in their order', async () => {
    const { cap, slots, open } = capOfTwo();
    open();
    open();
    const entered: string[] = [];
    const enter = async (name: string) => {
      cap.want();
      await cap.room();
      cap.enter();
      entered.push(name);
    };
    const all = Promise.all([enter('first'), enter('second')]);
    expect(cap.letIn(), 'none is gone: an idle one is to go').toBe(true);
    slots.size--;
    cap.closed();
    expect(cap.letIn()).toBe(false);
    await Promise.resolve();
    expect(entered).toEqual(['first']);
    slots.size--;
    cap.closed();
    expect(cap.letIn()).toBe(false);
    await all;
    expect(entered).toEqual(['first', 'second']);
  });

  it('may be one more beside a connection that takes no more requests', () => {
    const { cap, slots, open } = capOfTwo();
    open();
    open();
    slots.hasSpentShared = true;
    expect(cap).toMatchObject({ most: 3, isReached: false });
    expect(cap.hasRoom, 'nothing is opened ahead for it').toBe(false);
  });

  it('make an idle one go where one waits for whose sake none is being closed', () => {
    const { cap, slots, open } = capOfTwo();
    open();
    open();
    cap.want();
    void cap.room();
    expect(cap.letIn(), 'the one more has lost its reason').toBe(true);
    slots.size--;
    expect(cap.letIn(), 'one is being closed').toBe(false);
  });

  it('ask for nothing where nobody waits', () => {
    const { cap, open } = capOfTwo();
    open();
    open();
    open();
    expect(cap.letIn()).toBe(false);
  });
});
