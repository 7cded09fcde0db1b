import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextBlocks } from '../../../src/core/sse/textBlocks.ts';
import { cutAnywhere, pieces } from './cutBytes.ts';

/** The parts in which a text comes out that went in in these chunks. */
function partsOf(chunks: Iterable<Buffer>): string[] {
  const parts: string[] = [];
  const blocks = new TextBlocks((part) => parts.push(part));
  for (const chunk of chunks) blocks.hold(chunk);
  blocks.end(Buffer.alloc(0));
  return parts;
}

const whole = (bytes: Buffer) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

/** Bytes that were not UTF-8, as they are counted in a text that comes in these chunks. */
function invalidIn(chunks: Iterable<Buffer>): number {
  let invalid = 0;
  const blocks = new TextBlocks((_, count) => {
    invalid += count;
  });
  for (const chunk of chunks) blocks.hold(chunk);
  blocks.end(Buffer.alloc(0));
  return invalid;
}

describe('bytes that are not UTF-8', () => {
  it.each([
    ['none', '61c3a9e6bca2f09f9880efbfbd', 0],
    ['a byte of Latin-1', '63616fe92063', 1],
    ['a character that is cut', 'e6bc', 2],
    ['a character that is cut within the text', 'f09f9861', 3],
    ['a surrogate', 'eda080', 3],
    ['an overlong form', 'c0af', 2],
    ['beyond Unicode', 'f4908080', 4],
    ['UTF-16', 'fffe6100', 2],
    ['U+FFFD that was sent, and a bad byte', 'efbfbdff', 1],
  ])('are counted: %s', (_, hex, count) => {
    expect(invalidIn([Buffer.from(hex, 'hex')])).toBe(count);
    expect(invalidIn(pieces(Buffer.from(hex, 'hex'), 1))).toBe(count);
  });

  it('are as many however the text is cut, and none where all of it is UTF-8', () => {
    const unit = fc.constantFrom('a', 'é', '漢', '😀', '\uFFFD').map((text) => Buffer.from(text));
    const broken = fc.uint8Array({ minLength: 1, maxLength: 5 }).map((values) => Buffer.from(values));
    const text = fc.array(fc.oneof(unit, broken), { maxLength: 12 }).map((parts) => Buffer.concat(parts));
    fc.assert(
      fc.property(text, cutAnywhere, (bytes, cut) => {
        const whole = Buffer.concat(Array<Buffer>(500).fill(Buffer.concat([bytes, Buffer.from('.')])));
        expect(invalidIn(cut(whole))).toBe(500 * invalidIn([bytes]));
        expect(invalidIn([bytes]) === 0).toBe(isUtf8(bytes));
      }),
      { numRuns: 100 },
    );
  });
});

describe('a text that comes in chunks', () => {
  it('is the text of the whole, be it UTF-8 or not', () => {
    const unit = fc.constantFrom('a', 'é', '漢', '😀', '\uFEFF').map((text) => Buffer.from(text));
    const broken = fc.uint8Array({ minLength: 1, maxLength: 5 }).map((values) => Buffer.from(values));
    const text = fc
      .tuple(fc.array(fc.oneof(unit, broken), { maxLength: 12 }), fc.nat(20_000))
      .map(([parts, times]) => Buffer.concat(Array<Buffer>(times).fill(Buffer.concat(parts)).concat(parts)));
    fc.assert(
      fc.property(text, cutAnywhere, (bytes, cut) => {
        expect(partsOf(cut(bytes)).join('')).toBe(whole(bytes));
      }),
      { numRuns: 300 },
    );
  });

  it('byte by byte is decoded in blocks, and not by the byte', () => {
    const bytes = Buffer.from('é'.repeat(100_000));
    const parts = partsOf(pieces(bytes, 1));
    expect(parts.join('')).toBe(whole(bytes));
    expect(parts.length).toBeLessThan(6);
  });

  it('and is large is decoded in large blocks', () => {
    const bytes = Buffer.alloc(10 * 1024 * 1024, '漢');
    const parts = partsOf(pieces(bytes, 65_536));
    expect(parts.join('')).toBe(whole(bytes));
    expect(parts.length).toBeLessThan(50);
  });

  it('and then another one: nothing of the first is left', () => {
    const parts: string[] = [];
    const blocks = new TextBlocks((part) => parts.push(part));
    blocks.hold(Buffer.from('one'));
    blocks.end(Buffer.from(' and'));
    blocks.end(Buffer.from('two'));
    expect(parts).toEqual(['one and', 'two']);
  });

  it('is not touched by what becomes of the chunks', () => {
    const chunk = Buffer.from('before');
    const parts: string[] = [];
    const blocks = new TextBlocks((part) => parts.push(part));
    blocks.hold(chunk);
    chunk.fill('x');
    blocks.end(Buffer.alloc(0));
    expect(parts.join('')).toBe('before');
  });
});
