import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSchema } from '../../../src/core/mcp/toolSchema.ts';

/** What is told of a value, each as `path: message`. */
async function told(schema: unknown, value: unknown): Promise<string[]> {
  const outcome = await checkSchema(schema, value);
  switch (outcome.kind) {
    case 'fits':
      return (outcome.notes ?? []).map(({ path, message }) => `note ${path}: ${message}`);
    case 'unchecked':
      return [`unchecked: ${outcome.reason}`];
    case 'violations':
      return outcome.violations.map(({ path, message }) => `${path}: ${message}`);
  }
}

const member = (schema: unknown) => ({ type: 'object', properties: { it: schema } });

describe('a value that does not fit is told in words of people', () => {
  it.each<[unknown, unknown, string]>([
    [{ type: 'string', minLength: 1 }, '', 'it must not be empty'],
    [{ type: 'string', minLength: 3 }, 'ab', 'it is too short: 2 characters, and must have at least 3'],
    [{ type: 'string', maxLength: 1 }, 'ab', 'it is too long: 2 characters, and may have at most 1'],
    [{ type: 'string', pattern: '^a+$' }, 'b', 'it does not match the pattern ^a+$'],
    [{ type: 'number', exclusiveMinimum: 0 }, 0, 'it must be above 0'],
    [{ type: 'number', exclusiveMaximum: 1 }, 1, 'it must be below 1'],
    [{ type: 'integer' }, 1.5, 'it must be a whole number'],
    [{ type: 'integer' }, 'a', 'it is of type string, and must be of type integer'],
    [{ enum: ['fast', 'slow'] }, 'fats', 'it must be one of ["fast","slow"]; did you mean "fast"?'],
    [{ enum: ['fast', 'slow'] }, 'z', 'it must be one of ["fast","slow"]'],
    [{ type: 'array', minItems: 1 }, [], 'it must not be empty'],
    [{ type: 'array', minItems: 3 }, [1], 'it has 1 item, and must have at least 3'],
    [{ type: 'array', maxItems: 1 }, [1, 2], 'it has 2 items, and may have at most 1'],
    [
      { type: 'array', uniqueItems: true },
      ['a', 'b', 'a'],
      'its items 1 and 3 are the same, and must differ',
    ],
    [
      { type: 'array', contains: { type: 'string' } },
      [1, 2],
      'none of its items is of the kind that it must hold',
    ],
    [{ type: 'object', minProperties: 2 }, { a: 1 }, 'it has 1 member, and must have at least 2'],
    [{ type: 'object', dependentRequired: { a: ['b'] } }, { a: 1 }, 'it has "a", so it must also have "b"'],
    [{ not: { type: 'string' } }, 'a', 'the schema excludes this value'],
    [
      { oneOf: [{ type: 'number' }, { type: 'integer' }] },
      1,
      'it fits 2 forms, and must fit one of them alone',
    ],
  ])('%j and %j', async (schema, value, message) => {
    expect(await told(member(schema), { it: value })).toEqual([`/it: ${message}`]);
  });

  it('with the name that was meant', async () => {
    const schema = { properties: { pageSize: {}, query: {}, limit: {} }, additionalProperties: false };
    expect(await told(schema, { page_size: 1 })).toEqual([
      '/page_size: it is not allowed here; did you mean "pageSize"?',
    ]);
    // What is there already was not meant.
    expect(await told(schema, { limits: 1, limit: 2 })).toEqual(['/limits: it is not allowed here']);
    expect(await told(schema, { colour: 1 })).toEqual(['/colour: it is not allowed here']);
    expect(await told({ propertyNames: { pattern: '^a' } }, { b: 1 })).toEqual([
      '/b: its name is not allowed: it does not match the pattern ^a',
    ]);
  });

  it('at a place that is found again, whatever its name holds', async () => {
    const names = ['a b', 'ü', 'a/b', 'a~b', '%', '#', '"'];
    for (const name of names) {
      const path = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      expect(await told({ properties: { [name]: { type: 'string' } } }, { [name]: 1 })).toEqual([
        `${path}: it is of type number, and must be of type string`,
      ]);
    }
  });
});

describe('a union says which form is nearest', () => {
  const forms = [
    {
      type: 'object',
      properties: { packageName: { type: 'string', minLength: 1 } },
      required: ['packageName'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { keywords: { type: 'array', minItems: 1, items: { type: 'string' } } },
      required: ['keywords'],
      additionalProperties: false,
    },
  ];
  const schema = { type: 'object', properties: { queries: { type: 'array', items: { anyOf: forms } } } };

  it.each<[unknown, string]>([
    [{ packageName: '' }, 'nearest: the one with "packageName": /packageName: it must not be empty'],
    [{ keywords: [] }, 'nearest: the one with "keywords": /keywords: it must not be empty'],
    [{ keyword: ['a'] }, 'nearest: the one with "packageName"'],
  ])('and what it lacks: %j', async (query, words) => {
    const [first, ...others] = await told(schema, { queries: [query] });
    expect(first).toContain(`/queries/0: it fits none of 2 forms; ${words}`);
    expect(others).toEqual([]);
  });

  it('told apart by a constant, whatever else is missing', async () => {
    const kinds = ['page', 'block', 'database'].map((type) => ({
      type: 'object',
      properties: { type: { const: type }, [`${type}_id`]: { type: 'string' } },
      required: ['type', `${type}_id`],
    }));
    expect(await told(member({ oneOf: kinds }), { it: { type: 'block' } })).toEqual([
      '/it: it fits none of 3 forms; nearest: the one with type "block": it lacks the required member "block_id"',
    ]);
  });

  it('behind a reference, and within another union', async () => {
    const named = {
      $defs: { a: { title: 'A', ...forms[0] } },
      ...member({ anyOf: [{ $ref: '#/$defs/a' }, forms[1]] }),
    };
    expect(await told(named, { it: { packageName: '' } })).toEqual([
      '/it: it fits none of 2 forms; nearest: "A": /packageName: it must not be empty',
    ]);
    const nested = member({ anyOf: [{ type: 'null' }, { oneOf: forms }] });
    expect(await told(nested, { it: { packageName: '' } })).toEqual([
      '/it: it fits none of 2 forms; nearest: the one with "packageName": /packageName: it must not be empty',
    ]);
  });

  it('and is not spoken of where only one form is of the type, or none', async () => {
    const optional = { anyOf: [{ type: 'string', minLength: 2 }, { type: 'null' }] };
    expect(await told(member(optional), { it: 'a' })).toEqual([
      '/it: it is too short: 1 character, and must have at least 2',
    ]);
    expect(await told(member(optional), { it: 5 })).toEqual([
      '/it: it is of type number, and must be of type string or null',
    ]);
  });

  it('and tells two things that it lacks, and how many more there are', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const [first, ...others] = await told(
      member({
        anyOf: [
          { type: 'object', required: names },
          { type: 'object', minProperties: 9, required: names },
        ],
      }),
      { it: {} },
    );
    expect(first).toContain(
      'nearest: the first: it lacks the required member "a"; it lacks the required member "b"; and 3 more',
    );
    expect(others).toEqual([]);
  });

  it('of those that are among the first 2,000 things that are wrong', async () => {
    const near = { type: 'array', maxItems: 1 };
    const far = { type: 'array', items: { type: 'string' } };
    const nearest = async (items: number) =>
      (await told(member({ anyOf: [far, near] }), { it: Array(items).fill(1) })).join();
    expect(await nearest(100)).toContain('nearest: the second');
    expect(await nearest(2_500)).toContain('nearest: the first');
  });

  it('of real servers, with one sentence where there were several that contradict each other', async () => {
    expect((await told(schema, { queries: [{ packageName: '' }] })).length).toBe(1);
  });
});

describe('what describes and does not require', () => {
  it.each([
    ['email', 'me'],
    ['date', '2026-13-40'],
    ['uuid', '123'],
    ['ipv4', '1.2.3'],
  ])('is noted, and breaks nothing: %s', async (format, value) => {
    const note = [`note /it: it does not look like the format ${format}`];
    expect(await told(member({ type: 'string', format }), { it: value })).toEqual(note);
    expect(
      await told(member({ anyOf: [{ type: 'string', format }, { type: 'null' }] }), { it: value }),
    ).toEqual(note);
  });
});

it('notes hide no violation, violations no note, and a union adds to neither bound', async () => {
  const many = (schema: object) => ({ type: 'array', items: schema });
  const union = {
    anyOf: [
      { type: 'object', required: ['x', 'y'] },
      { type: 'object', required: ['z'] },
    ],
  };
  const schema = {
    properties: {
      dates: many({ type: 'string', format: 'date' }),
      it: { type: 'string' },
      unions: many(union),
    },
  };
  const dates = Array(30).fill('soon');
  const noted = await checkSchema(schema, { dates, it: 1 });
  expect(noted).toMatchObject({ kind: 'violations', violations: [{ path: '/it' }] });
  expect(noted).toHaveProperty('notes.length', 20);
  expect(await checkSchema(schema, { dates })).toMatchObject({ kind: 'fits', notes: Array(20).fill({}) });
  const crowded = await checkSchema(schema, { dates: ['soon'], unions: Array(30).fill({}) });
  expect(crowded).toMatchObject({ kind: 'violations', notes: [{ path: '/dates/0' }] });
  expect(crowded).toHaveProperty('violations.length', 20);
});

describe('a fault of the schema blames the schema', () => {
  it.each<[unknown, string]>([
    [
      { pattern: '^https\\:\\/\\/' },
      "the schema's pattern ^https\\:\\/\\/ is not a regular expression (invalid escape)",
    ],
    [{ $ref: '#/$defs/Screen' }, 'the schema refers to #/$defs/Screen, which is not in it'],
    [
      { $ref: 'https://example.com/a.json' },
      'the schema refers to https://example.com/a.json, and Sluice fetches no schemas',
    ],
    [{ type: 'int' }, 'the schema asks for the type "int", which JSON Schema does not know'],
    [{ enum: [] }, 'the schema has an "enum" without values, so that no value fits'],
    [{ anyOf: {} }, 'the schema\'s "anyOf" is not an array: {}'],
    [
      { anyOf: [{ type: 'strin' }, { type: 'null' }] },
      'the schema asks for the type "strin", which JSON Schema does not know',
    ],
    [
      {
        anyOf: [
          { type: 'string', minLength: 5 },
          { properties: {}, type: 'strin' },
        ],
      },
      'the schema asks for the type "strin", which JSON Schema does not know',
    ],
    [{ required: 5 }, 'the schema\'s "required" is not an array: 5'],
  ])('%j', async (schema, reason) => {
    const value = 'required' in (schema as object) ? {} : 'x';
    expect(await told(member(schema), { it: value })).toEqual([`unchecked: ${reason}`]);
  });
});

describe('words', () => {
  const leaf = fc.constantFrom<object | boolean>(
    { type: 'string', minLength: 2 },
    { type: 'integer', exclusiveMinimum: 3 },
    { enum: ['a', 'b'] },
    { const: 1 },
    { type: 'string', format: 'email' },
    { type: 'string', pattern: '^b' },
    { not: {} },
    false,
  );
  const { schema } = fc.letrec<{ schema: object | boolean }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ items: tie('schema'), minItems: fc.constant(1), contains: tie('schema') }),
      fc.record({
        properties: fc.dictionary(fc.constantFrom('a', 'b', 'c d'), tie('schema')),
        required: fc.constant(['a']),
        additionalProperties: tie('schema'),
        propertyNames: tie('schema'),
      }),
    ),
  }));
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c d', 'e'), fc.jsonValue({ maxDepth: 2 })),
  );

  it('are found for whatever does not fit, each of a place in the value, and few', async () => {
    await fc.assert(
      fc.asyncProperty(schema, value, async (one, other) => {
        const outcome = await checkSchema({ allOf: [one] }, other);
        if (outcome.kind !== 'violations') return;
        expect(outcome.violations.length).toBeGreaterThan(0);
        expect(outcome.violations.length).toBeLessThanOrEqual(20);
        for (const { path, message } of outcome.violations) {
          expect(message).not.toMatch(/instance|subschema|undefined/i);
          let part: unknown = other;
          for (const step of path.split('/').slice(1)) {
            const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
            expect(Object.hasOwn(part as object, name)).toBe(true);
            part = (part as Record<string, unknown>)[name];
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
