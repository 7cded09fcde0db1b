import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINE_COST } from '../../../src/core/sse/eventSize.ts';
import { SseDecoder, type SseEvent } from '../../../src/core/sse/sseEvents.ts';
import { cutAnywhere, pieces } from './cutBytes.ts';

interface Heard {
  events: SseEvent[];
  comments: string[];
  retries: number[];
  ids: string[];
  overflows: number;
}

const silence = (): Heard => ({ events: [], comments: [], retries: [], ids: [], overflows: 0 });

function decode(chunks: Iterable<Buffer | string>, maxBytes = 10_000_000): Heard {
  const heard = silence();
  const decoder = new SseDecoder(
    {
      onEvent: (event) => heard.events.push(event),
      onComment: (comment) => heard.comments.push(comment),
      onRetry: (ms) => heard.retries.push(ms),
      onId: (id) => heard.ids.push(id),
      onOverflow: () => heard.overflows++,
    },
    maxBytes,
  );
  for (const chunk of chunks) decoder.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return heard;
}

/** What the parser and the platform's own decoder make of a stream that they get in one piece. */
function wholeAtOnce(bytes: Buffer): Heard {
  const heard = silence();
  createParser({
    onEvent: ({ event: name = 'message', id, data }) => heard.events.push({ event: name, id, data }),
    onComment: (comment) => heard.comments.push(comment),
    onRetry: (ms) => heard.retries.push(ms),
    onId: (id) => heard.ids.push(id),
  }).feed(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
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

  it('one byte order mark and not two: the second one is part of a field that nobody knows', () => {
    expect(decode(['\uFEFF\uFEFFdata: x\n\ndata: y\n\n']).events).toEqual([event('y')]);
  });

  it('a comment and a retry are told at the end of their line, before the event has ended', () => {
    expect(decode(['data: x\n: hel', 'lo\nretry: 7\r', 'data: y'])).toMatchObject({
      comments: ['hello'],
      retries: [7],
      events: [],
    });
  });

  it('an event that ends in CR is told without waiting for the byte after it', () => {
    expect(decode(['data: x\r', '\r']).events).toEqual([event('x')]);
  });

  it('a line of 5 MB with characters that every chunk cuts', () => {
    const data = 'ab漢😀'.repeat(550_000);
    expect(decode(pieces(Buffer.from(`data: ${data}\n\n`), 1_000)).events).toEqual([event(data)]);
  });
});

describe('a stream that is cut anywhere', () => {
  const longest = 60_000;
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\r\r', '\r\n\r\n') },
    { weight: 4, arbitrary: fc.constantFrom('data:', 'data: ', 'data', 'event: tick', 'id: 7', 'id: a\0b') },
    {
      weight: 2,
      arbitrary: fc.constantFrom('retry: 50', 'retry: x', ': comment', ':', 'other: x', '\uFEFF', ' '),
    },
    { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
    { weight: 1, arbitrary: fc.nat(longest).map((length) => 'é漢'.repeat(length / 2)) },
  );
  const bytes = fc.oneof(
    { weight: 6, arbitrary: piece.map((text) => Buffer.from(text)) },
    // No UTF-8: what cannot be decoded is replaced, alike on both sides of a cut.
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }).map((values) => Buffer.from(values)) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('e6bc', 'f09f98', 'c3', '80', 'eda080', 'ff')
        .map((hex) => Buffer.from(hex, 'hex')),
    },
  );
  const stream = fc
    .tuple(fc.constantFrom('', '\uFEFF'), fc.array(bytes, { maxLength: 30 }))
    .map(([mark, parts]) => Buffer.concat([Buffer.from(mark), ...parts]));

  it('yields what the parser yields of the whole', () => {
    fc.assert(
      fc.property(stream, cutAnywhere, (whole, cut) => {
        expect(decode(cut(whole))).toEqual(wholeAtOnce(whole));
      }),
      { numRuns: 500 },
    );
  });

  it('yields what the parser yields of the whole, byte by byte', () => {
    fc.assert(
      fc.property(stream, (whole) => {
        expect(decode(pieces(whole, 1))).toEqual(wholeAtOnce(whole));
      }),
      { numRuns: 100 },
    );
  });

  it('is given up at the same byte, with the same heard before', () => {
    fc.assert(
      fc.property(stream, cutAnywhere, fc.nat(1_000), (whole, cut, maxBytes) => {
        const heard = decode([whole], maxBytes);
        expect(decode(cut(whole), maxBytes)).toEqual(heard);
        expect(decode(pieces(whole, 1), maxBytes)).toEqual(heard);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the bound of an event', () => {
  const data = (bytes: number) => `data: ${'x'.repeat(bytes - 6)}`;

  it('holds for an event that comes in one chunk, and what came before it is told', () => {
    const heard = decode([`data: a\n\n${data(301)}\n\ndata: y\n\n`], 300);
    expect(heard).toMatchObject({ overflows: 1, events: [event('a')] });
    expect(decode([`${data(300)}\n`], 300).overflows).toBe(0);
  });

  it('holds for a line without an end', () => {
    expect(decode(pieces(Buffer.from(data(301)), 16), 300).overflows).toBe(1);
    expect(decode(pieces(Buffer.from(data(300)), 16), 300).overflows).toBe(0);
  });

  it('counts bytes, not characters', () => {
    expect(decode([`data: ${'漢'.repeat(100)}`], 300).overflows).toBe(1);
  });

  it('holds for many lines, empty ones too: the parser keeps something of each', () => {
    const lines = (count: number) => 'data:\n'.repeat(count);
    const fits = Math.floor(10_000 / (LINE_COST + 5));
    expect(decode([lines(fits), '\n'], 10_000)).toMatchObject({
      overflows: 0,
      events: [{ event: 'message' }],
    });
    expect(decode([lines(fits + 1), '\n'], 10_000)).toMatchObject({ overflows: 1, events: [] });
  });

  it('is of one event: neither events nor comments add up', () => {
    const endless = Array.from({ length: 100 }, () => `: still here\ndata: x\n: and here\n\n: idle\n`);
    expect(decode(endless, 200)).toMatchObject({ overflows: 0 });
    expect(decode(endless, 200).events).toHaveLength(100);
  });

  it('is of one event, whichever line ends it has and wherever they are cut', () => {
    const times = (chunks: string[]) => Array.from({ length: 100 }, () => chunks).flat();
    expect(decode(times(['data: x\r', 'data: y', '\n', '\n']), 250).overflows).toBe(0);
    expect(decode(times(['data: x\r', '\n\r', '\n']), 250).overflows).toBe(0);
    expect(decode(times(['data: x\r', '\n']), 250)).toMatchObject({ overflows: 1, events: [] });
  });

  it('is told once, and nothing is heard after it', () => {
    expect(decode([data(301), '\n\n', 'data: y\n\n', ': z\n'], 300)).toEqual({
      ...decode([]),
      overflows: 1,
    });
  });
});
