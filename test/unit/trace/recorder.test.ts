import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { MAX_TEXT } from '../../../src/core/trace/mask.ts';
import { Recorder } from '../../../src/core/trace/recorder.ts';
import type { TraceEvent, TraceLevel } from '../../../src/core/trace/traceEvent.ts';
import { Tracer } from '../../../src/core/trace/tracer.ts';

const on = { request: 1, connection: 1, at: 0 };
const said = (data: string) => ({ kind: 'sse-event', event: 'message', data, tail: false, ...on }) as const;
const body = (text: string) => ({ kind: 'http-body', text, tail: false, ...on }) as const;

function tracer(level: TraceLevel | 'off', recordBytes: number | undefined) {
  const shown: TraceEvent[] = [];
  let now = 0;
  const made = new Tracer({
    server: 's',
    clock: { now: () => now, wallTime: () => now++, schedule: () => () => undefined },
    level: () => level,
    sink: (event) => shown.push(event),
    secrets: ['hunter22'],
    recordBytes,
  });
  return { tracer: made, shown };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

describe('what is recorded', () => {
  it('is the last events that there is room for, in order, and how many were before', () => {
    const recorder = new Recorder(100_000);
    for (let n = 0; n < 10_000; n++) recorder.add(said(`${n}`), n);
    const { entries, leftOut } = recorder.snapshot();
    expect(entries.length).toBeGreaterThan(100);
    expect(leftOut + entries.length).toBe(10_000);
    expect(entries.map(({ time }) => time)).toEqual(entries.map((_, n) => leftOut + n));
    expect(entries.length * 256).toBeLessThanOrEqual(100_000);
  });

  it('is a snapshot: what comes later changes nothing of it', () => {
    const recorder = new Recorder(10_000);
    recorder.add(said('first'), 1);
    const before = recorder.snapshot();
    for (let n = 0; n < 5_000; n++) recorder.add(said('later'), 2);
    expect(before).toMatchObject({ entries: [{ time: 1 }], leftOut: 0 });
    recorder.clear();
    expect(recorder.snapshot()).toEqual({ entries: [], leftOut: 0 });
  });

  it('is never a message that is larger than all of the room', () => {
    const recorder = new Recorder(50_000);
    recorder.add(said('small'), 1);
    recorder.add(body('x'.repeat(10_000_000)), 2);
    expect(recorder.snapshot()).toEqual({ entries: [], leftOut: 2 });
    recorder.add(said('small'), 3);
    expect(recorder.snapshot()).toMatchObject({ entries: [{ time: 3 }], leftOut: 2 });
  });

  it('takes no more memory than it may, whatever a server sends, and whatever it is cut from', () => {
    const bytes = 1024 * 1024;
    collect();
    const before = process.memoryUsage().heapUsed;
    const recorder = new Recorder(bytes);
    // A short event in a large read, of which the rest is nothing that is recorded.
    for (let n = 0; n < 1_000; n++) {
      const read = `${n} ${'junk '.repeat(20_000)}`;
      recorder.add(said(read.slice(0, 40)), n);
      recorder.add({ kind: 'sse-comment', comment: read.slice(1, 60), tail: false, ...on }, n);
      recorder.add({ kind: 'warning', message: `odd: ${read.slice(2, 60)}` }, n);
      if (n % 100 === 0) recorder.add(body(read.repeat(20)), n);
    }
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 * bytes);
    expect(recorder.snapshot().entries.length).toBeGreaterThan(1_000);
  });

  it('is cut where a text is long, and says of how much, with no part of a secret left', () => {
    const { tracer: made } = tracer('off', 1_000_000);
    made.emit(body(`${'x'.repeat(MAX_TEXT - 3)}hunter22${'y'.repeat(1_000)}`));
    const [event] = made.recorded().events;
    const { text } = event as { readonly text: string };
    expect(text).toMatch(/x… \(1008 more characters\)$/);
    expect(text).not.toContain('hun');
  });

  it('is of all levels, masked, also while the trace shows less or nothing', () => {
    for (const level of ['off', 'info', 'debug', 'trace'] as const) {
      const { tracer: made, shown } = tracer(level, 1_000_000);
      expect(made.wants('http-end')).toBe(true);
      made.emit(said('it says hunter22'));
      if (made.wantsMessage('received'))
        made.emit({ kind: 'message', direction: 'received', json: 'the same once more', ...on });
      made.warn('hunter22 again');
      expect(made.recorded()).toEqual({
        events: [
          { ...said('it says ••••'), server: 's', time: expect.any(Number) },
          { kind: 'warning', message: '•••• again', server: 's', time: expect.any(Number) },
        ],
        leftOut: 0,
      });
      const kinds = {
        off: [],
        info: ['warning'],
        debug: ['message', 'warning'],
        trace: ['sse-event', 'warning'],
      };
      expect(shown.map(({ kind }) => kind)).toEqual(kinds[level]);
    }
  });

  it('is nothing where no room is given', () => {
    const { tracer: made } = tracer('off', undefined);
    expect(made.wants('call')).toBe(false);
    made.emit(said('x'));
    expect(made.recorded()).toEqual({ events: [], leftOut: 0 });
  });
});
