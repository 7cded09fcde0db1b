import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_MESSAGE } from '../../../src/core/config/serverConfig.ts';
import { messageBounds } from '../../../src/core/transport/messageBounds.ts';
import { sseSource } from '../../../src/core/transport/messageSource.ts';
import { cutAnywhere, pieces } from '../sse/cutBytes.ts';

/** What a stream is made of, as its writer means it. */
type Part =
  | { readonly kind: 'message'; readonly message: object; readonly indent: number; readonly id?: string }
  | { readonly kind: 'other'; readonly event: string; readonly data: string }
  | { readonly kind: 'empty'; readonly id: string }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'retry'; readonly ms: number }
  | { readonly kind: 'unknown'; readonly field: string };

const oneLine = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replace(/[\r\n\0]/g, '_'));
const idOf = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 8 }).map((id) => `i${id}`);
const message = fc.oneof(
  fc.record({
    jsonrpc: fc.constant('2.0'),
    id: fc.oneof(fc.nat(), fc.string()),
    result: fc.record({ value: fc.jsonValue() }),
  }),
  fc.record({
    jsonrpc: fc.constant('2.0'),
    method: fc.constant('notifications/message'),
    params: fc.record({ text: fc.string({ unit: 'grapheme' }), nothing: fc.constant(null) }),
  }),
  fc.record({ jsonrpc: fc.constant('2.0'), id: fc.nat(), method: fc.string({ minLength: 1 }) }),
);
const part: fc.Arbitrary<Part> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record(
      { kind: fc.constant('message' as const), message, indent: fc.nat(2), id: idOf },
      { requiredKeys: ['kind', 'message', 'indent'] },
    ),
  },
  fc.record({ kind: fc.constant('other' as const), event: oneLine.map((name) => `x${name}`), data: oneLine }),
  fc.record({ kind: fc.constant('empty' as const), id: idOf }),
  fc.record({ kind: fc.constant('comment' as const), text: oneLine }),
  fc.record({ kind: fc.constant('retry' as const), ms: fc.nat(100_000) }),
  fc.record({ kind: fc.constant('unknown' as const), field: oneLine.map((name) => `z${name}`) }),
);

/** How a line may be written: its end, and whether a blank follows the colon. */
const style = fc.record({ end: fc.constantFrom('\n', '\r\n', '\r'), blank: fc.boolean() });

function write(
  parts: readonly Part[],
  styles: readonly { end: string; blank: boolean }[],
  mark: boolean,
): Buffer {
  let text = mark ? '\uFEFF' : '';
  let at = 0;
  const line = (field: string, value?: string) => {
    const { end, blank } = styles[at++ % styles.length] ?? { end: '\n', blank: true };
    const content =
      value === undefined ? field : `${field}:${blank || value.startsWith(' ') ? ' ' : ''}${value}`;
    // A line feed right after a carriage return would belong to it.
    text += content + (content === '' && text.endsWith('\r') && end !== '\r' ? '\r' : end);
  };
  for (const one of parts) {
    switch (one.kind) {
      case 'message':
        if (one.id !== undefined) line('id', one.id);
        for (const data of JSON.stringify(one.message, null, one.indent).split('\n')) line('data', data);
        break;
      case 'other':
        line('event', one.event);
        line('data', one.data);
        break;
      case 'empty':
        line('data', '');
        line('id', one.id);
        break;
      case 'comment':
        line('', one.text);
        continue;
      case 'retry':
        line('retry', String(one.ms));
        continue;
      case 'unknown':
        line(one.field, 'x');
        continue;
    }
    line('');
  }
  return Buffer.from(text);
}

function heard(chunks: Iterable<Buffer>) {
  const told = {
    messages: [] as unknown[],
    comments: [] as string[],
    retries: [] as number[],
    ids: [] as string[],
  };
  const source = sseSource(
    {
      onMessage: (received) => told.messages.push('message' in received ? received.message : received),
      onOverflow: () => told.messages.push('overflow'),
      onComment: (comment) => told.comments.push(comment),
      onRetry: (ms) => told.retries.push(ms),
      onId: (id) => told.ids.push(id),
    },
    messageBounds(DEFAULT_MESSAGE),
  );
  for (const chunk of chunks) source.push(chunk);
  source.end();
  return told;
}

function meant(parts: readonly Part[]) {
  return {
    messages: parts.flatMap((one) =>
      one.kind === 'message' ? [JSON.parse(JSON.stringify(one.message))] : [],
    ),
    comments: parts.flatMap((one) => (one.kind === 'comment' ? [one.text] : [])),
    retries: parts.flatMap((one) => (one.kind === 'retry' ? [one.ms] : [])),
    ids: parts.flatMap((one) => ('id' in one && one.id !== undefined ? [one.id] : [])),
  };
}

describe('a legal stream of messages', () => {
  const stream = [
    fc.array(part, { maxLength: 8 }),
    fc.array(style, { minLength: 1, maxLength: 5 }),
    fc.boolean(),
  ] as const;

  it('gives the messages that were written, however it is written and wherever it is cut', () => {
    fc.assert(
      fc.property(...stream, cutAnywhere, (parts, styles, mark, cut) => {
        expect(heard(cut(write(parts, styles, mark)))).toEqual(meant(parts));
      }),
      { numRuns: 10_000 },
    );
  });

  it('gives them byte by byte too', () => {
    fc.assert(
      fc.property(...stream, (parts, styles, mark) => {
        expect(heard(pieces(write(parts, styles, mark), 1))).toEqual(meant(parts));
      }),
      { numRuns: 500 },
    );
  });
});
