import { describe, expect, it } from 'vitest';
import { validateArguments } from '../../../src/core/mcp/toolSchema.ts';

describe('arguments against a schema', () => {
  it.each([
    [{ type: 'string' }, 5, '', 'it is of type number, and must be of type string'],
    [{ type: ['string', 'null'] }, 5, '', 'it is of type number, and must be of type string or null'],
    [{ required: ['a'] }, {}, '', 'it lacks the required member "a"'],
    [{ properties: { a: { enum: ['x', 'y'] } } }, { a: 'z' }, '/a', 'it must be one of ["x","y"]'],
    [{ additionalProperties: false }, { b: 1 }, '/b', 'it is not allowed here'],
    [{ properties: { n: { minimum: 3 } } }, { n: 1 }, '/n', '1 is less than 3'],
    [{ const: 4 }, 5, '', 'it does not match 4'],
  ])('%j and %j', (schema, value, path, message) => {
    expect(validateArguments(schema, value)).toContainEqual({ path, message });
  });

  it('that fit', () => {
    expect(validateArguments({ type: 'object', properties: { a: { type: 'integer' } } }, { a: 1 })).toEqual(
      [],
    );
    expect(validateArguments(true, 'anything')).toEqual([]);
  });

  it('are not fetched for: a $ref to the network is told', () => {
    const [violation] = validateArguments({ $ref: 'https://example.com/schema.json' }, {});
    expect(violation?.message).toMatch(/^not checked: /);
  });

  it('are checked within bounds', () => {
    let deep: object = {};
    for (let n = 0; n < 100; n++) deep = { not: deep };
    expect(validateArguments(deep, {})[0]?.message).toMatch(/nested deeper than 64/);
    const wide = { anyOf: Array.from({ length: 20_000 }, () => ({ type: 'string' })) };
    expect(validateArguments(wide, {})[0]?.message).toMatch(/more than 10000 parts/);
  });

  it.each([
    ['a pattern that runs for years', { type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(40)}!`],
    ['references that branch again and again', { $defs: branching(30), $ref: '#/$defs/0' }, 0],
    [
      'many parts against many choices',
      { items: { enum: Array.from({ length: 5_000 }, (_, n) => ({ n })) } },
      Array.from({ length: 20_000 }, () => ({ n: -1 })),
    ],
    ['many members, each looked for in many values', { items: { properties: MANY } }, Array(20_000).fill({})],
    ['many violations', { items: { type: 'string' } }, Array(2_000_000).fill(1)],
  ])('are given up after a time: %s', (_, schema, value) => {
    const startedAt = performance.now();
    expect(validateArguments(schema, value)[0]?.message).toMatch(
      /^not checked: (it takes longer|Maximum call stack)/,
    );
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('are told of twenty violations, however many there are', () => {
    expect(validateArguments({ items: { type: 'string' } }, Array(100).fill(1))).toHaveLength(20);
  });

  it('are checked against the clock and without it to the same end', () => {
    for (const more of [{}, { pattern: '^a' }])
      expect(validateArguments({ type: 'string', maxLength: 2, ...more }, 'abc')).toEqual([
        { path: '', message: expect.stringMatching(/too long/) },
      ]);
  });

  it('are checked as 2020-12 where no dialect is named', () => {
    const schema = {
      $defs: { name: { type: 'string' } },
      prefixItems: [{ $ref: '#/$defs/name' }],
      items: false,
    };
    expect(validateArguments(schema, ['a'])).toEqual([]);
    expect(validateArguments(schema, [1])).toHaveLength(1);
    expect(validateArguments(schema, ['a', 'b'])).toHaveLength(1);
    // What stands beside a $ref counted for nothing before 2019-09.
    expect(validateArguments({ $defs: { any: true }, $ref: '#/$defs/any', maxLength: 1 }, 'ab')).toHaveLength(
      1,
    );
  });

  it.each([
    ['https://json-schema.org/draft/2020-12/schema', { prefixItems: [{ type: 'string' }] }],
    ['https://json-schema.org/draft/2019-09/schema', { items: [{ type: 'string' }] }],
    ['http://json-schema.org/draft-07/schema#', { items: [{ type: 'string' }] }],
    ['http://json-schema.org/draft-04/schema#', { items: [{ type: 'string' }] }],
  ])('may name a dialect that is known: %s', ($schema, schema) => {
    expect(validateArguments({ $schema, ...schema }, ['a'])).toEqual([]);
    expect(validateArguments({ $schema, ...schema }, [1])).toHaveLength(1);
  });

  it('are checked in the dialect that the schema names, and not in one that nobody knows', () => {
    const draft7 = { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] };
    expect(validateArguments(draft7, [1])).toHaveLength(1);
    expect(validateArguments({ $schema: 'https://example.com/mine' }, 1)[0]?.message).toMatch(
      /mine is not supported; 2020-12, 2019-09, draft-07 and draft-04 are$/,
    );
  });
});

const MANY = Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [`p${n}`, true]));

/** Each definition looks at the next one twice: so many levels are two to the power of it. */
function branching(levels: number): Record<string, object> {
  const next = (n: number) => ({ $ref: `#/$defs/${n + 1}` });
  const definitions = Array.from({ length: levels }, (_, n) => [`${n}`, { anyOf: [next(n), next(n)] }]);
  return { ...Object.fromEntries(definitions), [levels]: { type: 'string' } };
}
