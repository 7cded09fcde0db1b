import fc from 'fast-check';
import { expect, it } from 'vitest';
import { frontMatterOf } from '../../../src/core/mcp/frontMatter.ts';

// JSON is YAML 1.2, but for characters that YAML wants escaped.
const text = fc.string({ unit: 'grapheme' });
const { fields } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    tie('fields'),
  ),
  fields: fc.dictionary(fc.oneof(text, fc.constant('__proto__')), tie('value'), {
    noNullPrototype: true,
    maxKeys: 6,
  }),
}));

it('front matter that is written as JSON is what JSON says', () => {
  fc.assert(
    fc.property(fields, (value) => {
      expect(frontMatterOf(`---\n${JSON.stringify(value)}\n---\n`)).toEqual({ kind: 'read', fields: value });
    }),
    { numRuns: 1_000 },
  );
});

it('any text is read, or told as unreadable', () => {
  const yaml = fc.array(
    fc.oneof(fc.constantFrom(...'-:[]{}&*!|>\'"%@`,?#\n ~<'), fc.string({ maxLength: 4 })),
  );
  fc.assert(
    fc.property(yaml, (parts) => {
      expect(frontMatterOf(`---\n${parts.join('')}\n---\n`).kind).toMatch(/^(read|unreadable)$/);
    }),
    { numRuns: 1_000 },
  );
});
