import { describe, expect, it } from 'vitest';
import { DEFAULT_MESSAGE } from '../../../src/core/config/serverConfig.ts';
import type { Received } from '../../../src/core/jsonrpc/message.ts';
import { textOf } from '../../../src/core/jsonrpc/messageText.ts';
import { type Excess, messageBounds } from '../../../src/core/transport/messageBounds.ts';
import {
  jsonSource,
  type MessageSource,
  sseSource,
  textSource,
} from '../../../src/core/transport/messageSource.ts';
import { pieces } from '../sse/cutBytes.ts';

const BOUNDS = messageBounds(DEFAULT_MESSAGE, true);

const message = { jsonrpc: '2.0', id: 1, result: { text: 'Grüße, 漢字 😀' } };

function listen() {
  const received: Received[] = [];
  const bodies: string[] = [];
  const overflows: Excess[] = [];
  return {
    received,
    bodies,
    overflows,
    handlers: {
      onMessage: (one: Received) => void received.push(one),
      onOverflow: (excess: Excess) => void overflows.push(excess),
      onBody: (text: string) => void bodies.push(text),
    },
  };
}

function pushByteByByte(source: MessageSource, text: string): void {
  for (const byte of Buffer.from(text)) source.push(Buffer.of(byte));
}

/** What is kept of how the responses came. */
const textsOf = (received: readonly Received[]) =>
  received.map((one) => (one.kind === 'result' || one.kind === 'error' ? textOf(one.message) : undefined));

describe('a response', () => {
  const json = '{"jsonrpc":"2.0","id":1,"result":{"id":9007199254740993,"rate":1.0}}';

  it('keeps the text that brought it, on each way', () => {
    const body = listen();
    const source = jsonSource(body.handlers, BOUNDS);
    source.push(Buffer.from(json));
    source.end();
    const events = listen();
    sseSource(events.handlers, BOUNDS).push(
      Buffer.from(`data: ${json}\n\ndata: {"jsonrpc":"2.0","method":"x"}\n\n`),
    );
    const kept = { text: json, index: undefined, invalidBytes: 0 };
    expect(textsOf(body.received)).toEqual([kept]);
    expect(textsOf(events.received)).toEqual([kept, undefined]);
  });

  it('of a batch knows its place in it', () => {
    const heard = listen();
    const source = jsonSource(heard.handlers, BOUNDS);
    source.push(Buffer.from(` [${json}, ${json}]`));
    source.end();
    expect(textsOf(heard.received).map((kept) => kept?.index)).toEqual([0, 1]);
  });

  it('knows how many of its bytes were not UTF-8, and those of another event are not its own', () => {
    const broken = Buffer.from('{"jsonrpc":"2.0","id":1,"result":{"text":"caf\u00e9 \u00e0"}}', 'latin1');
    const body = listen();
    const source = jsonSource(body.handlers, BOUNDS);
    source.push(broken);
    source.end();
    expect(textsOf(body.received)).toMatchObject([{ invalidBytes: 2 }]);
    const events = listen();
    const event = (data: Buffer) => [Buffer.from('data: '), data, Buffer.from('\n\n')];
    sseSource(events.handlers, BOUNDS).push(
      Buffer.concat([...event(Buffer.from(json)), ...event(broken), ...event(Buffer.from(json))]),
    );
    expect(textsOf(events.received).map((kept) => kept?.invalidBytes)).toEqual([0, 2, 0]);
  });

  it('may begin with a byte order mark', () => {
    const heard = listen();
    const source = jsonSource(heard.handlers, BOUNDS);
    source.push(Buffer.from(`\ufeff${json}`));
    source.end();
    expect(heard.received).toMatchObject([{ kind: 'result' }]);
    expect(textsOf(heard.received)).toMatchObject([{ text: json }]);
  });
});

describe('a JSON body', () => {
  it('is one message, and told when it is complete', () => {
    const heard = listen();
    const source = jsonSource(heard.handlers, BOUNDS);
    pushByteByByte(source, JSON.stringify(message));
    expect(heard.received).toEqual([]);
    source.end();
    expect(heard).toMatchObject({
      received: [{ kind: 'result', message }],
      bodies: [JSON.stringify(message)],
    });
  });

  it('may be a batch', () => {
    const heard = listen();
    const source = jsonSource(heard.handlers, BOUNDS);
    source.push(Buffer.from(JSON.stringify([message, { ...message, id: 2 }])));
    source.end();
    expect(heard.received.map(({ kind }) => kind)).toEqual(['result', 'result']);
  });

  it('without anything in it is no JSON', () => {
    const heard = listen();
    jsonSource(heard.handlers, BOUNDS).end();
    expect(heard.received).toMatchObject([{ kind: 'invalid' }]);
  });
});

describe('a stream of events', () => {
  it('has a message in each event that has data and no name of its own', () => {
    const heard = listen();
    const source = sseSource(heard.handlers, BOUNDS);
    const data = `data: ${JSON.stringify(message)}\n\n`;
    pushByteByByte(source, `: hello\n${data}event: other\n${data}data:\n\nevent: message\n${data}`);
    expect(heard.received).toEqual([
      { kind: 'result', message },
      { kind: 'result', message },
    ]);
  });
});

describe('a body that is only read to tell what was wrong', () => {
  it('is told once, when it is complete', () => {
    const told: string[] = [];
    const source = textSource((text) => told.push(text));
    pushByteByByte(source, '<h1>Grüße</h1>');
    source.end();
    source.end();
    expect(told).toEqual(['<h1>Grüße</h1>']);
  });

  it('is cut after 64 KiB, without waiting for the rest', () => {
    const told: string[] = [];
    const source = textSource((text) => told.push(text));
    source.push(Buffer.alloc(60_000, 'a'));
    source.push(Buffer.alloc(60_000, 'b'));
    expect(told).toEqual(['a'.repeat(60_000) + 'b'.repeat(5_536)]);
    source.push(Buffer.alloc(60_000, 'c'));
    source.end();
    expect(told).toHaveLength(1);
  });
});

describe('a message that is more than it may be', () => {
  const bounds = { maxBytes: 100_000, maxValues: 5_000, maxDepth: 100 };
  const sources = { json: jsonSource, sse: sseSource };
  const written = (how: 'json' | 'sse', text: string) => (how === 'json' ? text : `data: ${text}\n\n`);

  it.each([
    ['bytes', `"${'x'.repeat(200_000)}"`],
    ['values', `[${'1,'.repeat(6_000)}1]`],
    ['values', `[${'{},'.repeat(2_000)}1]`],
    ['values', `{${'"a":1,'.repeat(2_000)}"b":1}`],
    ['values', `[${Array.from({ length: 100 }, (_, n) => `{"k${n}":1}`).join(',')}]`],
    ['values', `[${Array.from({ length: 500 }, (_, n) => `"s${n}"`).join(',')}]`],
    ['depth', `${'['.repeat(200)}${']'.repeat(200)}`],
    ['depth', `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`],
  ] as const)('in %s is told once, before it is parsed, and nothing follows', (bound, text) => {
    for (const how of ['json', 'sse'] as const)
      for (const size of [1_000_000, 100, 1]) {
        const heard = listen();
        const source = sources[how](heard.handlers, bounds);
        for (const chunk of pieces(Buffer.from(written(how, text)), size)) source.push(chunk);
        source.push(Buffer.from(written(how, JSON.stringify(message))));
        source.end();
        expect(heard.received).toEqual([]);
        expect(heard.overflows).toMatchObject([{ bound }]);
      }
  });

  it.each([
    ['bytes', `{"a":"${'x'.repeat(90_000)}"}`],
    ['values', `[${'1,'.repeat(2_500)}1]`],
    ['objects of the same names', `[${'{"a":1,"b":[]},'.repeat(200)}1]`],
    ['commas in a text', `"${','.repeat(90_000)}"`],
    ['brackets in a text', `"${'[{'.repeat(40_000)}"`],
    ['depth', `${'['.repeat(90)}${']'.repeat(90)}`],
  ])('but not one that is just within: %s', (_, text) => {
    for (const how of ['json', 'sse'] as const) {
      const heard = listen();
      const source = sources[how](heard.handlers, bounds);
      const whole = `{"jsonrpc":"2.0","id":1,"result":{"a":${text}}}`;
      // One after another: what an event had does not count for the next.
      for (let n = 0; n < (how === 'sse' ? 5 : 1); n++)
        for (const chunk of pieces(Buffer.from(written(how, whole)), 1_000)) source.push(chunk);
      source.end();
      expect(heard.overflows).toEqual([]);
      expect(heard.received.every(({ kind }) => kind === 'result')).toBe(true);
    }
  });

  it('is weighed alike where it comes in many lines, whatever stands between those of the data', () => {
    const weighed = (start: string, between: string, name: (n: number) => string) => {
      const heard = listen();
      const source = sseSource(heard.handlers, bounds);
      const members = Array.from({ length: 90 }, (_, n) => `data: {\n${between}data: "${name(n)}":${n}},\n`);
      const stream = `${start}data: {"jsonrpc":"2.0","id":1,"result":{"a":[\n${members.join('')}data: 1]}}\n\n`;
      for (const chunk of pieces(Buffer.from(stream), 10)) source.push(chunk);
      return heard.overflows.map(({ bound }) => bound);
    };
    for (const start of ['', '\ufeff'])
      for (const between of ['', 'id: [\n', 'x: ]]]]\n', ': "\n', 'event: "\n', 'dat: {"a":\n', 'data\n']) {
        expect(weighed(start, between, (n) => `k${n}`)).toEqual(['values']);
        expect(weighed(start, between, () => 'k')).toEqual([]);
      }
  });

  it('in lines: each of an event counts as a value', () => {
    const heard = listen();
    const source = sseSource(heard.handlers, { ...bounds, maxBytes: 10_000_000 });
    source.push(Buffer.from('data\n'.repeat(6_000)));
    expect(heard.overflows).toMatchObject([{ bound: 'values' }]);
  });
});

describe('an array of messages', () => {
  it('is one message that is none, where the revision has no batches: it is not even parsed', () => {
    const heard = listen();
    const source = jsonSource(heard.handlers, messageBounds(DEFAULT_MESSAGE));
    source.push(Buffer.from(` [${JSON.stringify(message)}, no JSON`));
    source.end();
    expect(heard.received).toEqual([{ kind: 'invalid', problem: expect.stringContaining('2025-03-26') }]);
  });

  it('is one message that is none, where it has more than a thousand', () => {
    const heard = listen();
    const source = jsonSource(heard.handlers, BOUNDS);
    source.push(Buffer.from(`[${'1,'.repeat(2_000)}1]`));
    source.end();
    expect(heard.received).toEqual([{ kind: 'invalid', problem: expect.stringContaining('2001 messages') }]);
  });
});

describe('a stream of events that are no messages', () => {
  const feed = (text: string) => {
    const heard = listen();
    sseSource(heard.handlers, BOUNDS).push(Buffer.from(text));
    return heard;
  };

  it('is given up after 256 in a row, and nothing follows', () => {
    const heard = feed('data: x\n\n'.repeat(1_000));
    expect(heard.received).toHaveLength(256);
    expect(heard.overflows).toMatchObject([{ bound: 'faults', max: 256 }]);
  });

  it('goes on where there is a message among them now and then', () => {
    const heard = feed(`${'data: x\n\n'.repeat(200)}data: ${JSON.stringify(message)}\n\n`.repeat(5));
    expect(heard.received).toHaveLength(1_005);
    expect(heard.overflows).toEqual([]);
  });
});
