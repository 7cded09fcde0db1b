import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseDecoder, type SseEvent } from '../../../src/core/sse/sseEvents.ts';

interface Heard {
  events: SseEvent[];
  comments: string[];
  retries: number[];
  ids: string[];
  overflows: number;
}

function decode(chunks: Iterable<Uint8Array | string>, maxChars = 1_000_000): Heard {
  const heard: Heard = { events: [], comments: [], retries: [], ids: [], overflows: 0 };
  const decoder = new SseDecoder(
    {
      onEvent: (event) => heard.events.push(event),
      onComment: (comment) => heard.comments.push(comment),
      onRetry: (ms) => heard.retries.push(ms),
      onId: (id) => heard.ids.push(id),
      onOverflow: () => heard.overflows++,
    },
    maxChars,
  );
  for (const chunk of chunks) decoder.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return heard;
}

const event = (data: string, name = 'message', id?: string): SseEvent => ({ event: name, id, data });

describe('a stream of events', () => {
  it('data: x', () => {
    expect(decode(['data: x\n\n']).events).toEqual([event('x')]);
  });

  it('event, id, retry and a comment', () => {
    const heard = decode([': hello\nretry: 500\nevent: tick\nid: 7\ndata: x\n\n']);
    expect(heard).toMatchObject({
      comments: ['hello'],
      retries: [500],
      ids: ['7'],
      events: [event('x', 'tick', '7')],
    });
  });

  it('an id without data: nothing to show, and a place to resume from', () => {
    expect(decode(['id: 9\ndata:\n\n'])).toMatchObject({ ids: ['9'], events: [event('', 'message', '9')] });
  });

  it('lines that end in CR alone, in CRLF, and CRLF cut in two', () => {
    expect(
      decode(['data: a\r\rdata: b\r\n', '\r\n', 'data: c\r', '\n\r\n']).events.map(({ data }) => data),
    ).toEqual(['a', 'b', 'c']);
  });

  it('a byte order mark, also one that is cut in two', () => {
    const bytes = Buffer.from('\uFEFFdata: x\n\n');
    expect(decode([bytes.subarray(0, 1), bytes.subarray(1)]).events).toEqual([event('x')]);
  });

  it('an event that the stream ends in the middle of is none', () => {
    expect(decode(['data: x\n']).events).toEqual([]);
  });

  it('an event that grows past the bound, in many chunks and in one', () => {
    const endless = decode(
      Array.from({ length: 30 }, () => 'data: 0123456789\n'),
      200,
    );
    expect(endless).toMatchObject({ overflows: 1, events: [] });
    expect(decode([`data: ${'x'.repeat(300)}\n\ndata: y\n\n`], 200)).toMatchObject({
      overflows: 1,
      events: [],
    });
  });

  it('a line without an end is bounded too', () => {
    expect(
      decode(
        Array.from({ length: 30 }, () => 'data: 0123456789'),
        200,
      ).overflows,
    ).toBe(1);
  });

  it('yields the same events, however its bytes are cut', () => {
    const text = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .map((value) => value.replace(/[\r\n\0]/g, ' '));
    const stream = fc
      .array(fc.tuple(text, fc.constantFrom('\n', '\r', '\r\n')), { maxLength: 8 })
      .map((parts) => parts.map(([data, end]) => `data:${data}${end}${end}`).join(''));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(400), { maxLength: 12 }), (original, cuts) => {
        const bytes = Buffer.from(original);
        const at = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].sort((a, b) => a - b);
        const chunks = [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
        expect(decode(chunks).events).toEqual(decode([bytes]).events);
      }),
      { numRuns: 1000 },
    );
  });
});
