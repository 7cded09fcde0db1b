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
