import { describe, expect, it } from 'vitest';
import { DEFAULT_MESSAGE } from '../../../src/core/config/serverConfig.ts';
import type { Received } from '../../../src/core/jsonrpc/message.ts';
import { type Excess, messageBounds } from '../../../src/core/transport/messageBounds.ts';
import {
  jsonSource,
  type MessageSource,
  sseSource,
  textSource,
} from '../../../src/core/transport/messageSource.ts';

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
