import { describe, expect, it } from 'vitest';
import type { ElicitResult } from '../../../../src/core/mcp/mcpTypes.ts';
import { MOST_QUESTIONS } from '../../../../src/ui/questions/attention.ts';
import {
  type Question,
  Questions,
  type Shown,
  type ShowOptions,
  type Unheard,
} from '../../../../src/ui/questions/questions.ts';
import { HandClock } from './handClock.ts';

type Told = Awaited<ReturnType<Question['tell']>>;

/** One question on the screen. */
interface OnScreen {
  readonly name: string;
  readonly place: 'box' | 'notice';
  readonly options: ShowOptions;
  readonly end: (told: Told) => void;
}

const NEVER = new AbortController().signal;
const CANCEL: ElicitResult = { action: 'cancel' };
const DECLINED: Shown = { kind: 'answered', result: { action: 'decline' } };
const ACCEPTED: Shown = { kind: 'answered', result: { action: 'accept', content: {} } };

/** A user, and what is on the screen before them. */
function user() {
  const clock = new HandClock();
  const unheard: string[] = [];
  const onScreen: OnScreen[] = [];
  const questions = new Questions({
    clock,
    onUnheard: (server: string, why: Unheard) => unheard.push(`${server} ${why}`),
  });
  const show = (name: string, place: OnScreen['place'], options: ShowOptions): Promise<Told> =>
    new Promise((resolve) => {
      const end = (told: Told): void => {
        const at = onScreen.indexOf(one);
        if (at >= 0) onScreen.splice(at, 1);
        resolve(told);
      };
      const one = { name, place, options, end };
      options.signal.addEventListener('abort', () => end({ kind: 'left' }));
      onScreen.push(one);
    });
  const ask = (server: string, name: string, ofCall: boolean, signal = NEVER): Promise<ElicitResult> =>
    questions.ask(
      {
        server,
        open: async (options) => (await show(name, 'box', options)) as Shown,
        tell: (options) => show(name, 'notice', options),
      },
      ofCall,
      signal,
    );
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    clock,
    unheard,
    questions,
    ask,
    /** What is on the screen: `box a1`. */
    async sees(): Promise<string[]> {
      await settle();
      return onScreen.map(({ place, name }) => `${place} ${name}`);
    },
    /** The one thing on the screen that has this name. */
    async see(name: string): Promise<OnScreen> {
      await settle();
      const one = onScreen.find((shown) => shown.name === name);
      if (one === undefined) throw new Error(`${name} is not on the screen`);
      return one;
    },
  };
}

describe('a question of a call that the user waits for', () => {
  it('opens a box, one at a time, the servers in turn', async () => {
    const { ask, sees, see } = user();
    const all = [ask('a', 'a1', true), ask('a', 'a2', true), ask('b', 'b1', true)];
    const order: string[] = [];
    for (let n = 0; n < 3; n++) {
      const [only, ...others] = await sees();
      expect(others).toEqual([]);
      order.push(only ?? '');
      (await see(only?.slice(4) ?? '')).end(ACCEPTED);
    }
    expect(order).toEqual(['box a1', 'box b1', 'box a2']);
    expect(await Promise.all(all)).toEqual(Array(3).fill({ action: 'accept', content: {} }));
  });

  it('becomes a notification where something else took its place; from then on none opens by itself, of any server', async () => {
    const { ask, sees, see, questions } = user();
    const first = ask('a', 'a1', true);
    (await see('a1')).end({ kind: 'displaced' });
    expect(await sees()).toEqual(['notice a1']);
    const second = ask('b', 'b1', true);
    expect(await sees()).toEqual(['notice a1', 'notice b1']);
    (await see('b1')).end(DECLINED);
    expect(await second).toEqual({ action: 'decline' });
    (await see('a1')).end({ kind: 'open' });
    expect(await sees()).toEqual(['box a1']);
    (await see('a1')).end(ACCEPTED);
    expect((await first).action).toBe('accept');
    questions.called('b');
    void ask('b', 'b2', true);
    expect(await sees()).toEqual(['box b2']);
  });

  it('makes no room for others while it waits as a notification: each server has one', async () => {
    const { ask, sees, see } = user();
    void ask('a', 'a1', false);
    void ask('a', 'a2', false);
    void ask('b', 'b1', false);
    expect(await sees()).toEqual(['notice a1', 'notice b1']);
    (await see('a1')).end(DECLINED);
    expect(await sees()).toEqual(['notice b1', 'notice a2']);
  });
});

describe('a question that belongs to no call', () => {
  it('is a notification; the user opens its box', async () => {
    const { ask, sees, see } = user();
    const answer = ask('a', 'a1', false);
    expect(await sees()).toEqual(['notice a1']);
    (await see('a1')).end({ kind: 'open' });
    expect(await sees()).toEqual(['box a1']);
    (await see('a1')).end(ACCEPTED);
    expect((await answer).action).toBe('accept');
  });

  it('ends when the server takes it back, and after five minutes', async () => {
    const { ask, sees, clock } = user();
    const abort = new AbortController();
    const taken = ask('a', 'a1', false, abort.signal);
    const late = ask('b', 'b1', false);
    await sees();
    abort.abort();
    expect(await taken).toEqual(CANCEL);
    expect(await sees()).toEqual(['notice b1']);
    clock.pass(299_999);
    expect(await sees()).toEqual(['notice b1']);
    clock.pass(1);
    expect(await late).toEqual(CANCEL);
    expect(await sees()).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('is not shown any more where it was taken back while another one was on the screen', async () => {
    const { ask, sees, see } = user();
    const abort = new AbortController();
    void ask('a', 'a1', true);
    const taken = ask('a', 'a2', true, abort.signal);
    await sees();
    abort.abort();
    expect(await taken).toEqual(CANCEL);
    (await see('a1')).end(DECLINED);
    expect(await sees()).toEqual([]);
  });
});

describe('a server that asks and asks', () => {
  it('all at once: six are shown, the others answered, and the user is told once', async () => {
    const { ask, sees, unheard } = user();
    const all = Array.from({ length: 100 }, (_, n) => ask('a', `a${n}`, false));
    expect(await sees()).toEqual(['notice a0']);
    const answers = await Promise.all(all.slice(MOST_QUESTIONS));
    expect(new Set(answers.map(({ action }) => action))).toEqual(new Set(['cancel']));
    expect(unheard).toEqual(['a too-many']);
    // Another server is heard all the same.
    void ask('b', 'b1', false);
    expect(await sees()).toEqual(['notice a0', 'notice b1']);
  });

  it('at each answer: after two that were left it is offered to ignore it, after four it is ignored until the next call', async () => {
    const { ask, sees, see, unheard, questions } = user();
    const offers: boolean[] = [];
    for (let n = 0; n < 10; n++) {
      const answer = ask('a', `a${n}`, true);
      if ((await sees()).length > 0) {
        const box = await see(`a${n}`);
        offers.push(box.options.offersToIgnore);
        box.end({ kind: 'left' });
      }
      expect(await answer).toEqual(CANCEL);
    }
    expect(offers).toEqual([false, false, true, true]);
    expect(unheard).toEqual(['a left']);
    questions.called('a');
    void ask('a', 'again', true);
    expect(await sees()).toEqual(['box again']);
  });

  it('is heard no more from the moment the user says so, what waits for its turn included', async () => {
    const { ask, sees, see, unheard } = user();
    const all = [ask('a', 'a1', true), ask('a', 'a2', true), ask('a', 'a3', true)];
    (await see('a1')).end({ kind: 'ignored' });
    expect(await sees()).toEqual([]);
    expect(await Promise.all(all)).toEqual([CANCEL, CANCEL, CANCEL]);
    expect(unheard).toEqual([]);
  });
});
