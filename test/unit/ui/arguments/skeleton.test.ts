import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSchema } from '../../../../src/core/mcp/toolSchema.ts';
import { fieldOf } from '../../../../src/ui/arguments/argumentField.ts';
import { editorSchema } from '../../../../src/ui/arguments/editorSchema.ts';
import { skeleton } from '../../../../src/ui/arguments/skeleton.ts';
import { toolText } from '../../../../src/ui/tools/toolText.ts';

const requiring = (schema: unknown) => ({ properties: { it: schema }, required: ['it'] });
const start = (schema: unknown) => skeleton(requiring(schema))['it'];

describe('an argument starts', () => {
  it.each<[unknown, unknown]>([
    [{ type: 'integer', exclusiveMinimum: 0 }, 1],
    [{ type: 'integer', exclusiveMinimum: 0.5 }, 1],
    [{ type: 'number', exclusiveMinimum: 0 }, 1],
    [{ type: 'number', exclusiveMinimum: 0, maximum: 1 }, 0.5],
    [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0.5],
    [{ type: 'integer', maximum: -5 }, -5],
    [{ type: 'integer', exclusiveMaximum: 0 }, -1],
    [{ type: 'integer', minimum: 3, multipleOf: 5 }, 5],
    [{ type: 'integer', minimum: 1.5 }, 2],
    [{ type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 }, 0],
    [{ type: 'array', minItems: 2, items: { type: 'boolean' } }, [false, false]],
    [{ type: 'array', minItems: 2, prefixItems: [{ const: 1 }], items: { const: 2 } }, [1, 2]],
    [{ type: ['string', 'null'] }, ''],
    [{ type: 'object', required: ['a'] }, { a: null }],
    [{ required: ['a'], additionalProperties: { type: 'string' } }, { a: '' }],
    [{ type: 'object', properties: { __proto__x: { default: 1 } } }, { __proto__x: 1 }],
    [{ allOf: [{ properties: { a: { const: 1 } } }, { required: ['a'] }] }, { a: 1 }],
  ])('%j', (schema, value) => {
    expect(start(schema)).toEqual(value);
  });

  it('with a type that refers to itself once, and ends where it comes again', () => {
    const node = {
      type: 'object',
      properties: {
        value: { type: 'string' },
        next: { $ref: '#/$defs/node' },
        children: { type: 'array', items: { $ref: '#/$defs/node' } },
      },
      required: ['value', 'next', 'children'],
    };
    expect(skeleton({ ...requiring({ $ref: '#/$defs/node' }), $defs: { node } })).toEqual({
      it: { value: '', next: {}, children: [] },
    });
  });

  it('with the form of a union that ends', () => {
    const expression = { anyOf: [{ $ref: '#/$defs/and' }, { type: 'string' }] };
    const and = { type: 'object', properties: { left: { $ref: '#/$defs/expression' } }, required: ['left'] };
    expect(skeleton({ ...requiring({ $ref: '#/$defs/expression' }), $defs: { expression, and } })).toEqual({
      it: { left: '' },
    });
  });
});

describe('a number that JavaScript has read as another one', () => {
  const ID = '9007199254740993';
  it.each([
    `{"id":${ID}}`,
    `[1,${ID}]`,
    `{"a":{"b":[{"id":-${ID}}]}}`,
    '{"x":1e400}',
    '{"x":0.12345678901234567891}',
    '[1.0e-7,0.30000000000000004]',
    ID,
    '1e400',
    '1e300',
  ])('is put into no document, offered nowhere and shown nowhere, however deep it stands: %s', (text) => {
    for (const keyword of ['default', 'const', 'enum', 'examples']) {
      const value = JSON.parse(keyword === 'enum' || keyword === 'examples' ? `[${text}]` : text);
      const member = { type: 'array', items: {}, [keyword]: value };
      for (const required of [['it'], []]) {
        const schema = { type: 'object', properties: { it: member }, required };
        expect([keyword, skeleton(schema)]).toEqual([keyword, required.length > 0 ? { it: [] } : {}]);
        expect(JSON.stringify(editorSchema(schema))).not.toMatch(/\d{7}|null/);
        expect(toolText('demo', { name: 't', inputSchema: schema })).not.toMatch(/\d{7}|null/);
      }
      const list = { type: 'array', items: { type: 'number' }, [keyword]: value };
      expect(fieldOf('it', list, false)?.fallback).toBeUndefined();
    }
  });

  it('is none that has its digits', () => {
    const value = { a: [9007199254740991, -0.5, Math.PI, 1e-300, 2.5], b: { c: 0.1 } };
    expect(skeleton({ properties: { it: { default: value } } })).toEqual({ it: value });
    expect(fieldOf('it', { type: 'number', default: 0.1 }, false)?.fallback).toBe(0.1);
  });

  it('is not made of a bound either', () => {
    const schema = { ...requiring({ type: 'integer', minimum: JSON.parse(ID) }) };
    expect(skeleton(schema)).toEqual({ it: 0 });
  });
});

describe('arguments to start from are few, however many a schema describes', () => {
  const members = (count: number, of: (n: number) => unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, of(n)]));
  const all = (properties: object) => ({ properties, required: Object.keys(properties) });
  it.each<[string, Record<string, unknown>]>([
    ['members that refer to the root', all(members(20, () => ({ $ref: '#' })))],
    [
      'types that refer to each other',
      {
        $ref: '#/$defs/m0',
        $defs: members(12, () => all(members(12, (n) => ({ $ref: `#/$defs/m${n}` })))),
      },
    ],
    ['a list of a billion', requiring({ type: 'array', minItems: 1e9, items: { type: 'string' } })],
    [
      'lists of lists',
      {
        ...requiring({ $ref: '#/$defs/m0' }),
        $defs: members(20, (n) => ({ type: 'array', minItems: 9, items: { $ref: `#/$defs/m${n + 1}` } })),
      },
    ],
    [
      'parts that are laid together again and again',
      {
        ...requiring({ $ref: '#/$defs/m0' }),
        $defs: members(60, (n) => ({ allOf: Array(9).fill({ $ref: `#/$defs/m${n + 1}` }) })),
      },
    ],
    [
      'one large default, many times',
      { properties: members(2_000, () => ({ $ref: '#/$defs/d', default: 'x'.repeat(10_000) })) },
    ],
    [
      'a default that is nested without an end',
      { properties: { a: { default: JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) } } },
    ],
    ['names without an end', { required: Array.from({ length: 100_000 }, (_, n) => `m${n}`) }],
  ])('%s', (_, schema) => {
    const text = JSON.stringify(skeleton(schema));
    expect(text.length).toBeLessThan(400_000);
  });
});

describe('arguments to start from', () => {
  const { schema } = fc.letrec<{ schema: Record<string, unknown> }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom<Record<string, unknown>>(
        { type: 'string' },
        { type: 'boolean' },
        { type: 'null' },
        { enum: ['a', 2] },
        { const: { a: [] } },
        {},
      ),
      fc
        .record({
          low: fc.integer({ min: -50, max: 50 }),
          by: fc.integer({ min: 1, max: 9 }),
          isOpen: fc.boolean(),
          isTop: fc.boolean(),
        })
        .map(({ low, by, isOpen, isTop }) => ({
          type: 'integer',
          [isOpen ? 'exclusiveMinimum' : 'minimum']: low,
          ...(isTop ? { [isOpen ? 'exclusiveMaximum' : 'maximum']: low + 2 * by } : { multipleOf: by }),
        })),
      fc.record({ type: fc.constant('array'), items: tie('schema'), minItems: fc.nat({ max: 3 }) }),
      fc
        .record({
          properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema')),
          more: fc.subarray(['a', 'b', 'c']),
        })
        .map(({ properties, more }) => ({ type: 'object', properties, required: more })),
      fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    ),
  }));

  it('fit their schema, where it asks for nothing that only the user knows', async () => {
    await fc.assert(
      fc.asyncProperty(schema, async (member) => {
        const whole = requiring(member);
        expect(await checkSchema(whole, skeleton(whole))).toEqual({ kind: 'fits' });
      }),
      { numRuns: 100 },
    );
  });
});
