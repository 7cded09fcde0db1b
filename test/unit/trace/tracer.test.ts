import { expect, it } from 'vitest';
import type { TraceEvent } from '../../../src/core/trace/traceEvent.ts';
import { Tracer } from '../../../src/core/trace/tracer.ts';
import { FakeClock } from '../benchmark/fakeClock.ts';

const call = {
  kind: 'call',
  call: 1,
  title: 'tools/call t',
  initiator: { kind: 'user' },
  outcome: 'ok',
  ms: 1,
  requests: [1],
} as const;

it('a server that gives cause for a million warnings gets a thousand of them a second', () => {
  let now = 0;
  const told: TraceEvent[] = [];
  const tracer = new Tracer({
    server: 's',
    clock: { now: () => now, wallTime: () => now, schedule: () => () => undefined },
    level: () => 'info',
    sink: (event) => told.push(event),
    secrets: [],
  });
  const warnOften = () => {
    for (let n = 0; n < 5_000; n++) tracer.warn(`${n}`);
  };
  warnOften();
  expect(told).toHaveLength(1_001);
  expect(told.at(-1)).toMatchObject({ message: expect.stringMatching(/left out/) });
  now = 999;
  warnOften();
  expect(told).toHaveLength(1_001);
  now = 1_000;
  warnOften();
  expect(told).toHaveLength(2_002);
});

it('a stream of a million events leaves ten thousand lines a second, the first of each kind, and how many were left out', () => {
  let now = 0;
  const told: TraceEvent[] = [];
  const tracer = new Tracer({
    server: 's',
    clock: { now: () => now, wallTime: () => now, schedule: () => () => undefined },
    level: () => 'trace',
    sink: (event) => told.push(event),
    secrets: [],
  });
  const on = { request: 1, connection: 1, at: 0 };
  const event = () => tracer.emit({ kind: 'sse-event', event: 'message', data: 'x', tail: false, ...on });
  for (let n = 0; n < 1_000_000; n++) event();
  expect(told).toHaveLength(10_000);
  // Of another kind, and of the user's own call: told all the same.
  tracer.emit({ kind: 'http-end', how: 'end', ...on });
  tracer.emit(call);
  expect(told.slice(10_000).map(({ kind }) => kind)).toEqual(['http-end', 'call']);
  now = 1_000;
  event();
  expect(told.slice(10_002)).toMatchObject([
    { kind: 'warning', message: 'too much for the trace in one second: left out 990000 sse-event' },
    { kind: 'sse-event' },
  ]);
});

it('large events are bounded by their characters', () => {
  const told: TraceEvent[] = [];
  const tracer = new Tracer({
    server: 's',
    clock: { now: () => 0, wallTime: () => 0, schedule: () => () => undefined },
    level: () => 'trace',
    sink: (event) => told.push(event),
    secrets: [],
  });
  const text = 'x'.repeat(1_000_000);
  for (let n = 0; n < 1_000; n++)
    tracer.emit({ kind: 'http-body', text, tail: false, request: 1, connection: 1, at: 0 });
  // 16 Mi characters, of which an event keeps 64 Ki.
  expect(told).toHaveLength(256);
});

it('no call waits for the log: events come later, in order, masked, and with the time at which they happened', async () => {
  const clock = new FakeClock();
  const told: TraceEvent[] = [];
  const tracer = new Tracer({
    server: 's',
    clock,
    level: () => 'trace',
    sink: (event) => told.push(event),
    delay: 10,
    secrets: ['hunter22'],
  });
  const pass = (ms: number) => clock.runUntil(new Promise<void>((resolve) => clock.schedule(ms, resolve)));
  await pass(5);
  tracer.warn('it says hunter22');
  await pass(7);
  tracer.emit(call);
  expect(told).toEqual([]);
  await pass(3);
  expect(told).toEqual([
    { kind: 'warning', message: 'it says ••••', server: 's', time: 5 },
    { ...call, server: 's', time: 12 },
  ]);
  tracer.warn('the next');
  await pass(10);
  expect(told).toHaveLength(3);
});

it('what waits for the log stops nobody for long: it is told in turns of a few milliseconds, and all of it at the end', async () => {
  let now = 0;
  let turns = 0;
  const told: TraceEvent[] = [];
  const tracer = new Tracer({
    server: 's',
    clock: {
      now: () => now,
      wallTime: () => now,
      schedule(_, task) {
        turns++;
        setImmediate(task);
        return () => undefined;
      },
    },
    level: () => 'info',
    sink(event) {
      told.push(event);
      now += 1;
    },
    delay: 10,
  });
  for (let n = 0; n < 20; n++) tracer.warn(`${n}`);
  await tracer.flush();
  expect(told.map((event) => 'message' in event && event.message)).toEqual(
    Array.from({ length: 20 }, (_, n) => `${n}`),
  );
  // One was scheduled for the first event, and three more after five milliseconds each.
  expect(turns).toBeGreaterThanOrEqual(4);
});
