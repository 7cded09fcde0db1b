import { describe, expect, it } from 'vitest';
import type { Received } from '../../../src/core/jsonrpc/message.ts';
import { textOf } from '../../../src/core/jsonrpc/messageText.ts';
import {
  jsonSource,
  type MessageSource,
  sseSource,
  textSource,
} from '../../../src/core/transport/messageSource.ts';

const message = { jsonrpc: '2.0', id: 1, result: { text: 'Grüße, 漢字 😀' } };

function listen() {
  const received: Received[] = [];
  const bodies: string[] = [];
  let overflows = 0;
  return {
    received,
    bodies,
    overflows: () => overflows,
    handlers: {
      onMessage: (one: Received) => void received.push(one),
      onOverflow: () => void overflows++,
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
    const source = jsonSource(body.handlers);
    source.push(Buffer.from(json));
    source.end();
    const events = listen();
    sseSource(events.handlers).push(Buffer.from(`data: ${json}\n\ndata: {"jsonrpc":"2.0","method":"x"}\n\n`));
    const kept = { text: json, index: undefined, invalidBytes: 0 };
    expect(textsOf(body.received)).toEqual([kept]);
    expect(textsOf(events.received)).toEqual([kept, undefined]);
  });

  it('of a batch knows its place in it', () => {
    const heard = listen();
    const source = jsonSource(heard.handlers);
    source.push(Buffer.from(` [${json}, ${json}]`));
    source.end();
    expect(textsOf(heard.received).map((kept) => kept?.index)).toEqual([0, 1]);
  });

  it('knows how many of its bytes were not UTF-8, and those of another event are not its own', () => {
    const broken = Buffer.from('{"jsonrpc":"2.0","id":1,"result":{"text":"caf\u00e9 \u00e0"}}', 'latin1');
    const body = listen();
    const source = jsonSource(body.handlers);
    source.push(broken);
    source.end();
    expect(textsOf(body.received)).toMatchObject([{ invalidBytes: 2 }]);
    const events = listen();
    const event = (data: Buffer) => [Buffer.from('data: '), data, Buffer.from('\n\n')];
    sseSource(events.handlers).push(
      Buffer.concat([...event(Buffer.from(json)), ...event(broken), ...event(Buffer.from(json))]),
    );
    expect(textsOf(events.received).map((kept) => kept?.invalidBytes)).toEqual([0, 2, 0]);
  });

  it('may begin with a byte order mark', () => {
    const heard = listen();
    const source = jsonSource(heard.handlers);
    source.push(Buffer.from(`\ufeff${json}`));
    source.end();
    expect(heard.received).toMatchObject([{ kind: 'result' }]);
    expect(textsOf(heard.received)).toMatchObject([{ text: json }]);
  });
});

describe('a JSON body', () => {
  it('is one message, and told when it is complete', () => {
    const heard = listen();
    const source = jsonSource(heard.handlers);
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
    const source = jsonSource(heard.handlers);
    source.push(Buffer.from(JSON.stringify([message, { ...message, id: 2 }])));
    source.end();
    expect(heard.received.map(({ kind }) => kind)).toEqual(['result', 'result']);
  });

  it('without anything in it is no JSON', () => {
    const heard = listen();
    jsonSource(heard.handlers).end();
    expect(heard.received).toMatchObject([{ kind: 'invalid' }]);
  });
});

describe('a stream of events', () => {
  it('has a message in each event that has data and no name of its own', () => {
    const heard = listen();
    const source = sseSource(heard.handlers);
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
