import { expect, it } from 'vitest';
import type { TraceEvent } from '../../../src/core/trace/traceEvent.ts';
import { Tracer } from '../../../src/core/trace/tracer.ts';

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
