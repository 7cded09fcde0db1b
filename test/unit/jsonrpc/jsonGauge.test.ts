import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonGauge } from '../../../src/core/jsonrpc/jsonGauge.ts';
import { type JsonBounds, JsonSize } from '../../../src/core/jsonrpc/jsonSize.ts';
import { cutAnywhere, pieces } from '../sse/cutBytes.ts';

const NOT_OVER: JsonBounds = { maxValues: 1_100_000, maxDepth: 512 };

/** After each chunk; a line ends behind each one that ends in a line feed. */
function verdicts(judge: JsonGauge | JsonSize, chunks: Iterable<Buffer>, bounds: JsonBounds) {
  const all = [];
  for (const chunk of chunks) {
    judge.count(chunk);
    if (chunk.at(-1) === 0x0a) judge.endLine();
    all.push(judge.exceeded(bounds));
  }
  return all;
}

/** JSON or not: what costs the most for its bytes is not. */
const text = fc.oneof(
  fc.string({
    unit: fc.constantFrom('"', '""', '{""', ',""', '\\', ',', '[', ']', '{', '}', ':', '1', '.', 'é', '\n'),
    maxLength: 400,
  }),
  fc.json({ maxDepth: 6 }),
  fc
    .tuple(fc.constantFrom('{"":', '[', ',""', '"x",', 'x'), fc.integer({ min: 1, max: 9_000 }))
    .map(([unit, times]) => unit.repeat(times)),
);

describe('whether a JSON text is over its bounds', () => {
  it('is what weighing all of it says, wherever the bytes are cut and whatever was before it', () => {
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 3 }),
        cutAnywhere,
        fc.record({
          maxValues: fc.integer({ min: 1, max: 60_000 }),
          maxDepth: fc.integer({ min: 1, max: 600 }),
        }),
        (texts, cut, bounds) => {
          const gauge = new JsonGauge();
          for (const one of texts) {
            const bytes = Buffer.from(one);
            expect(verdicts(gauge, cut(bytes), bounds)).toEqual(verdicts(new JsonSize(), cut(bytes), bounds));
            gauge.reset();
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['512 levels are within the bound', '['.repeat(512), undefined],
    ['one more is not', '['.repeat(513), 'depth'],
    ['brackets within a text are no levels', `["${'['.repeat(4_000)}"]`, undefined],
    ['names that are new each time cost the most', `{${'"":0,'.repeat(60_000)}`, 'values'],
  ] as const)('%s', (_, bytes, verdict) => {
    for (const length of [100, 5_000, 1_000_000])
      expect(verdicts(new JsonGauge(), pieces(Buffer.from(bytes), length), NOT_OVER).at(-1)).toBe(verdict);
  });
});
