import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget, walk } from '../../../src/core/budget.ts';
import { JsonSize } from '../../../src/core/jsonrpc/jsonSize.ts';
import { cutAnywhere, pieces } from '../sse/cutBytes.ts';

function sizeOf(chunks: Iterable<Buffer>): JsonSize {
  const size = new JsonSize();
  for (const chunk of chunks) size.count(chunk);
  return size;
}

/** What parsing makes of it. */
function parsed(text: string) {
  const budget = new Budget({});
  const value: unknown = JSON.parse(text);
  walk(value, budget);
  return { values: budget.taken.values, depth: depthOf(value) };
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** Texts that look like the rest of JSON, with quotes, backslashes and brackets. */
const tricky = fc.string({
  unit: fc.constantFrom('"', '\\', ',', '[', ']', '{', '}', ':', 'a', '漢', '\n'),
  maxLength: 80,
});
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tricky,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, true, false, '', {}, []),
    fc.array(tie('any'), { maxLength: 5 }),
    fc.dictionary(tricky, tie('any'), { maxKeys: 5 }),
  ),
})).any;

describe('what a JSON text will become is counted while its bytes come in', () => {
  it('as parsing counts it, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1, '\t'), cutAnywhere, (any, indent, cut) => {
        const text = JSON.stringify(any, undefined, indent);
        const { values, depth } = sizeOf(cut(Buffer.from(text)));
        expect({ values, depth }).toEqual(parsed(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('byte by byte too', () => {
    fc.assert(
      fc.property(value, (any) => {
        const text = JSON.stringify(any);
        const { values, depth } = sizeOf(pieces(Buffer.from(text), 1));
        expect({ values, depth }).toEqual(parsed(text));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['quotes', '\\"'],
    ['backslashes', '\\\\'],
    ['quotes that are far from each other', `${'x'.repeat(30)}\\"`],
    ['commas and brackets', ',[{:}]'],
  ])('and long texts are one value, whatever is in them: %s', (_, unit) => {
    for (const length of [10, 1_000, 100_000]) {
      const text = JSON.stringify([JSON.parse(`"${unit.repeat(length)}"`), 1]);
      for (const chunk of [7, 1_000, 1_000_000])
        expect(sizeOf(pieces(Buffer.from(text), chunk)).values).toBe(3);
    }
  });

  it('and a bound is told as soon as it is met', () => {
    const size = new JsonSize();
    size.count(Buffer.from('[[1,1'));
    expect(size.exceeded({ maxValues: 4, maxDepth: 2 })).toBeUndefined();
    expect(size.exceeded({ maxValues: 3, maxDepth: 2 })).toBe('values');
    expect(size.exceeded({ maxValues: 4, maxDepth: 1 })).toBe('depth');
  });
});
