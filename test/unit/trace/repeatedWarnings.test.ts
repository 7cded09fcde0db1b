import { describe, expect, it } from 'vitest';
import { RepeatedWarnings } from '../../../src/core/trace/repeatedWarnings.ts';
import type { TraceEvent } from '../../../src/core/trace/traceEvent.ts';
import { Tracer } from '../../../src/core/trace/tracer.ts';

const at = (clock: { now: number }) => ({
  now: () => clock.now,
  wallTime: () => clock.now,
  schedule: () => () => undefined,
});

describe('a warning that comes with each call', () => {
  it('is told four times a minute, and then how often it came meanwhile', () => {
    const time = { now: 0 };
    const repeated = new RepeatedWarnings(at(time));
    const told: string[] = [];
    for (let n = 0; n < 200; n++) {
      time.now = n * 1_000;
      const message = repeated.take(`a second response to request ${n} was ignored`);
      if (message !== undefined) told.push(message);
    }
    const plain = (from: number) =>
      [0, 1, 2, 3].map((n) => `a second response to request ${from + n} was ignored`);
    const again = (from: number) => {
      const [first, ...others] = plain(from);
      return [`${first} (and 56 times more before)`, ...others];
    };
    expect(told).toEqual([...plain(0), ...again(60), ...again(120), ...again(180)]);
    expect(repeated.flush()).toEqual([
      'a second response to request 199 was ignored (and 15 times more before)',
    ]);
    expect(repeated.flush()).toEqual([]);
  });

  it('is another one where it names something else, unless it is said to be of one kind', () => {
    const repeated = new RepeatedWarnings(at({ now: 0 }));
    expect(repeated.take('the tool add was left out')).toBeDefined();
    expect(repeated.take('the tool sum was left out')).toBeDefined();
    for (let n = 0; n < 3; n++) expect(repeated.take('the tool add was left out')).toBeDefined();
    expect(repeated.take('the tool add was left out')).toBeUndefined();
    for (let n = 0; n < 4; n++)
      expect(repeated.take(`a response with the id "x-${n}"`, 'a response')).toBeDefined();
    expect(repeated.take('a response with the id "y-2"', 'a response')).toBeUndefined();
  });
});

it('kinds of warnings are remembered, 256 of them', () => {
  const repeated = new RepeatedWarnings(at({ now: 0 }));
  const kinds = Array.from({ length: 257 }, (_, n) => `kind${n}`);
  for (let n = 0; n < 5; n++) for (const kind of kinds.slice(0, 256)) repeated.take(kind);
  expect(repeated.take('kind0')).toBeUndefined();
  repeated.take('kind256');
  expect(repeated.take('kind0')).toBe('kind0');
  expect(repeated.take('kind255')).toBeUndefined();
});

it('what was only counted is told when the connection is over, and a new one begins anew', () => {
  const events: TraceEvent[] = [];
  const tracer = new Tracer({
    server: 's',
    clock: at({ now: 0 }),
    level: () => 'info',
    sink: (event) => events.push(event),
    secrets: [],
  });
  for (let n = 0; n < 6; n++) tracer.warn('odd');
  tracer.emit({ kind: 'state', state: 'connected', protocolVersion: '2026-07-28' });
  expect(events).toHaveLength(5);
  tracer.emit({ kind: 'state', state: 'disconnected' });
  tracer.warn('odd');
  const texts = events.map((event) => (event.kind === 'warning' ? event.message : event.kind));
  expect(texts).toEqual([
    'odd',
    'odd',
    'odd',
    'odd',
    'state',
    'odd (and 1 time more before)',
    'state',
    'odd',
  ]);
});
