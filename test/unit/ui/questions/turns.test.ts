import { describe, expect, it } from 'vitest';
import { Turns } from '../../../../src/ui/questions/turns.ts';

const NEVER = new AbortController().signal;

describe('servers that ask at the same time', () => {
  it('take turns, whichever of them asks more', async () => {
    const turns = new Turns();
    const served: string[] = [];
    const ask = (server: string) => turns.wait(server, NEVER).then(() => void served.push(server));
    const all = ['a', 'a', 'a', 'a', 'b', 'c', 'b'].map(ask);
    for (let n = 0; n < 7; n++) {
      await new Promise((resolve) => setImmediate(resolve));
      turns.done();
    }
    await Promise.all(all);
    expect(served).toEqual(['a', 'b', 'c', 'a', 'b', 'a', 'a']);
  });

  it('wait no longer for what was taken back, and leave the others their turns', async () => {
    const turns = new Turns();
    const abort = new AbortController();
    await turns.wait('a', NEVER);
    const taken = turns.wait('b', abort.signal);
    const next = turns.wait('c', NEVER);
    abort.abort();
    await taken;
    turns.done();
    turns.done();
    await next;
  });

  it('wait while the user has a box open that they opened themselves', async () => {
    const turns = new Turns();
    turns.take('a');
    let isBegun = false;
    const waiting = turns.wait('b', NEVER).then(() => {
      isBegun = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isBegun).toBe(false);
    turns.done();
    await waiting;
  });
});
