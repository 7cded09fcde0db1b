import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../src/core/http/connection.ts';
import type { Exchange } from '../../../src/core/http/exchange.ts';
import { type Other, SilenceWatch } from '../../../src/core/http/silenceWatch.ts';
import { HandClock } from '../ui/questions/handClock.ts';

/** A request and the connections beside its own. */
function watched({ beside = 0, handshake = 0, use = 1 } = {}) {
  const clock = new HandClock();
  const others: Other[] = [];
  const closed: string[] = [];
  const starved: number[] = [];
  const connection = { holdsWorker: true, uses: 1 } as Connection;
  const exchange = { connection, use } as Exchange;
  const watch = new SilenceWatch({
    clock,
    facts: { needs: { beside, handshake } as never, starved: (open) => starved.push(open) },
    others: () => others,
    close: (other) => {
      closed.push(nameOf(other));
      others.splice(
        others.findIndex((one) => one.connection === other),
        1,
      );
    },
  });
  /** @param quietSince undefined while it carries a call */
  const beside_ = (name: string, uses: number, quietSince: number | undefined) => {
    const other = { id: name, uses } as unknown as Connection;
    others.push({ connection: other, quietSince });
  };
  return { clock, watch, exchange, closed, starved, others, open: beside_ };
}

const nameOf = ({ id }: Connection) => String(id);

describe('a request whose answer does not begin', () => {
  it('has all connections closed that were never used', () => {
    const { clock, watch, exchange, closed, open } = watched({ use: 5 });
    open('warm 1', 0, 10);
    open('used', 3, 5);
    open('warm 2', 0, 20);
    watch.begin(exchange);
    clock.pass(99);
    expect(closed).toEqual([]);
    clock.pass(1);
    expect(closed).toEqual(['warm 1', 'warm 2']);
    clock.pass(60_000);
    expect(closed, 'its own connection has served before: so the other is not in its way').toHaveLength(2);
  });

  it('and is the first of its connection, has the others closed one by one, the one that is quiet longest first', () => {
    const { clock, watch, exchange, closed, open } = watched();
    open('younger', 3, 20);
    open('oldest', 3, 5);
    open('busy', 3, undefined);
    watch.begin(exchange);
    clock.pass(100);
    expect(closed).toEqual(['oldest']);
    clock.pass(200);
    expect(closed).toEqual(['oldest', 'younger']);
    clock.pass(60_000);
    expect(closed, 'one that carries a call is never closed').toEqual(['oldest', 'younger']);
  });

  it('waits for a call that is under way until its connection is silent', () => {
    const { clock, watch, exchange, closed, open, others } = watched();
    open('busy', 3, undefined);
    watch.begin(exchange);
    clock.pass(150);
    expect(closed).toEqual([]);
    others.length = 0;
    open('busy', 3, 120);
    clock.pass(150);
    expect(closed).toEqual(['busy']);
  });

  it('has four handshakes and a tenth of a second to begin', () => {
    const { clock, watch, exchange, closed, open } = watched({ handshake: 50 });
    open('warm', 0, 0);
    watch.begin(exchange);
    clock.pass(299);
    expect(closed).toEqual([]);
    clock.pass(1);
    expect(closed).toEqual(['warm']);
  });

  it('costs no connection that has served where the server is known to serve as many, and a silent one after a second', () => {
    const { clock, watch, exchange, closed, open } = watched({ beside: 2 });
    open('used', 3, 5);
    open('warm', 0, 5);
    watch.begin(exchange);
    clock.pass(999);
    expect(closed).toEqual([]);
    clock.pass(60_000);
    expect(closed).toEqual(['warm']);
  });

  it('is not watched where nothing is in its way, and leaves no timer when it has begun or ended', () => {
    const alone = watched();
    alone.watch.begin(alone.exchange);
    expect(alone.clock.timers).toBe(0);
    for (const settle of ['begun', 'end'] as const) {
      const { clock, watch, exchange, open } = watched();
      open('used', 3, 5);
      watch.begin(exchange);
      expect(clock.timers).toBe(1);
      watch[settle](exchange);
      expect(clock.timers).toBe(0);
    }
  });
});

describe('an answer that begins after others were closed', () => {
  it('at once shows how many the server has places for', () => {
    const { clock, watch, exchange, starved, open } = watched();
    for (let n = 1; n <= 8; n++) open(`used ${n}`, 3, n);
    watch.begin(exchange);
    clock.pass(140);
    watch.begun(exchange);
    expect(starved).toEqual([8]);
  });

  it('after a while shows nothing: the tool was slow', () => {
    const { clock, watch, exchange, starved, open } = watched();
    open('used', 3, 5);
    watch.begin(exchange);
    clock.pass(151);
    watch.begun(exchange);
    expect(starved).toEqual([]);
  });
});
