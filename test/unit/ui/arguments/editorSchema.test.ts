import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientCapabilities, getLanguageService, TextDocument } from 'vscode-json-languageservice';
import { checkSchema } from '../../../../src/core/mcp/toolSchema.ts';
import { writeArguments } from '../../../../src/ui/arguments/argumentsText.ts';
import { editorSchema } from '../../../../src/ui/arguments/editorSchema.ts';
import type { SchemaObject } from '../../../../src/ui/arguments/schemaObject.ts';

/** Keywords that the editor's JSON support acts on, or may one day, and must not get from a server. */
const WITHHELD: Record<string, unknown> = {
  $id: 'https://example.com/a',
  id: 'https://example.com/a',
  $schema: 'https://example.com/meta',
  $anchor: 'a',
  $dynamicAnchor: 'a',
  $dynamicRef: '#a',
  $recursiveRef: '#',
  $recursiveAnchor: true,
  $vocabulary: { 'https://example.com/v': true },
  $comment: 'c',
  $defs: { a: { type: 'string' } },
  definitions: { a: { type: 'string' } },
  pattern: '^a',
  patternProperties: { '^a': { type: 'string' } },
  format: 'email',
  contentEncoding: 'base64',
  contentMediaType: 'text/html',
  contentSchema: {},
  unevaluatedItems: false,
  unevaluatedProperties: false,
  readOnly: true,
  writeOnly: true,
  // VS Code's own.
  markdownDescription: '![](https://example.com/p.png)',
  markdownEnumDescriptions: ['![](https://example.com/p.png)'],
  enumDescriptions: ['a'],
  enumDetails: [{ documentation: 'a' }],
  enumSortTexts: ['a'],
  deprecationMessage: 'old',
  markdownDeprecationMessage: '![](https://example.com/p.png)',
  errorMessage: 'no',
  patternErrorMessage: 'no',
  defaultSnippets: [{ label: 'a', body: '$TM_SELECTED_TEXT' }],
  doNotSuggest: true,
  suggestSortText: 'a',
  completionDetail: 'a',
  allowComments: true,
  allowTrailingCommas: true,
  allowsTrailingCommas: true,
  fileMatch: ['*'],
  url: 'https://example.com/a',
  'x-anything': 'a',
};

/** Every way to put a schema into another. */
const APPLICATORS: [string, (schema: object) => SchemaObject][] = [
  ['properties', (schema) => ({ properties: { a: schema } })],
  ['additionalProperties', (schema) => ({ additionalProperties: schema })],
  ['patternProperties', (schema) => ({ patternProperties: { a: schema } })],
  ['propertyNames', (schema) => ({ properties: { b: { propertyNames: schema } } })],
  ['items', (schema) => ({ items: schema })],
  ['items as a tuple', (schema) => ({ items: [schema], additionalItems: schema })],
  ['prefixItems', (schema) => ({ prefixItems: [schema] })],
  ['contains', (schema) => ({ contains: schema })],
  ['allOf', (schema) => ({ allOf: [schema] })],
  ['anyOf', (schema) => ({ anyOf: [schema, { type: 'null' }] })],
  ['oneOf', (schema) => ({ oneOf: [schema, { type: 'null' }] })],
  ['not', (schema) => ({ not: schema })],
  ['if', (schema) => Object.fromEntries(['if', 'then', 'else'].map((keyword) => [keyword, schema]))],
  ['dependentSchemas', (schema) => ({ dependentSchemas: { a: schema } })],
  ['dependencies', (schema) => ({ dependencies: { a: schema } })],
  ['unevaluatedProperties', (schema) => ({ unevaluatedProperties: schema })],
  ['contentSchema', (schema) => ({ contentSchema: schema })],
  ['$ref', (schema) => ({ $ref: '#/$defs/s', $defs: { s: schema } })],
  [
    '$ref to another place',
    (schema) => ({ properties: { a: { $ref: '#/x-shared/s' } }, 'x-shared': { s: schema } }),
  ],
];

/** The keywords that stand anywhere in a schema, members' names and values left aside. */
function keywordsIn(schema: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(schema)) for (const one of schema) keywordsIn(one, found);
  else if (typeof schema === 'object' && schema !== null)
    for (const [keyword, value] of Object.entries(schema)) {
      found.add(keyword);
      if (['const', 'enum', 'default', 'examples', 'required', 'dependentRequired'].includes(keyword))
        continue;
      const isMap = keyword === 'properties' || keyword === 'dependentSchemas';
      for (const part of isMap ? Object.values(value as object) : [value]) keywordsIn(part, found);
    }
  return found;
}

/** What the editor gets of a schema, but for the tie that every document has. */
function handedOn(schema: SchemaObject): object {
  const { properties, ...rest } = editorSchema(schema);
  const { $schema, ...members } = properties as Record<string, unknown>;
  return { ...rest, properties: members };
}

describe('the editor gets of a schema', () => {
  it.each(APPLICATORS)('only keywords of a list, wherever the others stand: %s', (_, within) => {
    for (const [keyword, value] of Object.entries(WITHHELD)) {
      const schema = { title: 'kept', type: 'string', [keyword]: value };
      for (const nested of [
        within(schema),
        within(within(schema)),
        { ...within({ type: 'string' }), [keyword]: value },
      ])
        expect([...keywordsIn(handedOn(nested))]).not.toContain(keyword);
    }
  });

  it('descriptions as plain texts, bounded', () => {
    const schema = editorSchema(
      { description: 'a', properties: { b: { description: 'x'.repeat(100_000) } } },
      'All of it.\n\nTwo lines',
    );
    expect(schema['description']).toBe('All of it.\n\nTwo lines');
    expect(JSON.stringify(schema).length).toBeLessThan(10_000);
  });

  it('data and members as they are, though they are named like keywords', () => {
    const properties = {
      pattern: { type: 'string', default: { pattern: 'a' } },
      markdownDescription: { const: { $ref: '#' } },
      __proto__x: { enum: [{ format: 'x' }] },
    };
    expect(editorSchema({ properties })).toMatchObject({ properties });
  });
});

describe('the schema for the editor is bounded', () => {
  const chain = (n: number, of: (next: object) => object) =>
    Object.fromEntries(Array.from({ length: n }, (_, at) => [`d${at}`, of({ $ref: `#/$defs/d${at + 1}` })]));
  it.each<[string, SchemaObject]>([
    [
      'references that branch again and again',
      {
        $ref: '#/$defs/d0',
        $defs: { ...chain(40, (next) => ({ anyOf: [next, next] })), d40: { type: 'string' } },
      },
    ],
    [
      'members that refer to the root',
      { properties: Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`m${n}`, { $ref: '#' }])) },
    ],
    ['a reference to itself', { $ref: '#' }],
    [
      'references in a circle',
      { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
    ],
    [
      'many members',
      {
        properties: Object.fromEntries(
          Array.from({ length: 50_000 }, (_, n) => [`m${n}`, { type: 'string' }]),
        ),
      },
    ],
    ['a long enum', { properties: { a: { enum: Array.from({ length: 50_000 }, (_, n) => n) } } }],
    [
      'a deep default',
      { properties: { a: { default: JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) } } },
    ],
  ])('%s', (_, schema) => {
    const text = JSON.stringify(editorSchema(schema));
    expect(text.length).toBeLessThan(2_000_000);
    expect(text).not.toContain('$ref');
  });

  it('and keeps what is in front of such a part', () => {
    const schema = editorSchema({
      properties: { name: { type: 'string' }, tree: { $ref: '#/$defs/tree' } },
      $defs: { tree: { properties: { left: { $ref: '#/$defs/tree' }, right: { $ref: '#/$defs/tree' } } } },
    });
    expect(schema).toMatchObject({
      properties: {
        name: { type: 'string' },
        tree: { properties: { left: { properties: { right: {} } }, right: {} } },
      },
    });
  });
});

const service = getLanguageService({ clientCapabilities: ClientCapabilities.LATEST });

/** The squiggles that VS Code's JSON support draws under arguments. */
async function squiggles(schema: SchemaObject, args: Readonly<Record<string, unknown>>): Promise<string[]> {
  const text = writeArguments(args, './schema/t.json');
  const document = TextDocument.create('test://a.json', 'json', 1, text);
  const json = service.parseJSONDocument(document);
  const found = await service.doValidation(
    document,
    json,
    {},
    JSON.parse(JSON.stringify(editorSchema(schema))),
  );
  return found.map(({ message }) => String(message));
}

describe('the editor draws a squiggle', () => {
  it('under what a schema forbids', async () => {
    const schema = { properties: { a: { type: 'string' } }, required: ['b'], additionalProperties: false };
    expect(await squiggles(schema, { a: 5, c: 1 })).toHaveLength(3);
    expect(await squiggles(schema, { a: 'x', b: 1 })).toHaveLength(1);
    expect(await squiggles({ $ref: '#/$defs/a', $defs: { a: { required: ['b'] } } }, {})).toHaveLength(1);
  });

  const leaf = fc.constantFrom<unknown>(
    { type: 'string' },
    { type: 'string', pattern: '^a' },
    { type: 'string', format: 'email' },
    { type: 'integer', minimum: 1 },
    { enum: ['a', 'b', 1, null] },
    { const: 'a' },
    { type: ['string', 'null'] },
    { $ref: '#/$defs/shared' },
    { patternProperties: { '^a': { type: 'string' } }, additionalProperties: false },
    { unevaluatedProperties: false, properties: { a: {} } },
    true,
    {},
  );
  const { schema } = fc.letrec<{ schema: unknown }>((tie) => {
    const many = fc.array(tie('schema'), { minLength: 1, maxLength: 3 });
    const names = fc.constantFrom('a', 'b', 'ab');
    return {
      schema: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        leaf,
        fc.record({ anyOf: many }),
        fc.record({ oneOf: many }),
        fc.record({ allOf: many }),
        fc.record({ not: tie('schema') }),
        fc.record(Object.fromEntries(['if', 'then', 'else'].map((keyword) => [keyword, tie('schema')]))),
        fc.record(
          {
            type: fc.constant('array'),
            items: tie('schema'),
            contains: tie('schema'),
            maxContains: fc.constant(1),
          },
          { requiredKeys: [] },
        ),
        fc.record({ prefixItems: many, items: tie('schema') }),
        fc.record(
          {
            properties: fc.dictionary(names, tie('schema')),
            required: fc.subarray(['a', 'b']),
            additionalProperties: fc.oneof(fc.constant(false), tie('schema')),
            propertyNames: tie('schema'),
            dependentSchemas: fc.dictionary(names, tie('schema')),
            dependentRequired: fc.constant({ a: ['b'] }),
            minProperties: fc.constant(1),
            maxProperties: fc.constant(2),
          },
          { requiredKeys: [] },
        ),
      ),
    };
  });
  const value = fc.oneof(fc.constantFrom('a', 'b', 1, 0, null), fc.jsonValue({ maxDepth: 2 }));
  const args = fc.dictionary(
    fc.constantFrom('a', 'b', 'ab', 'c'),
    fc.oneof(value, fc.dictionary(fc.constantFrom('a', 'b'), value)),
  );

  it('under nothing that the schema allows, whatever was left out of it', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(schema, schema, args, async (one, shared, given) => {
        const whole = { allOf: [one], $defs: { shared } } as SchemaObject;
        const outcome = await checkSchema(whole, given);
        if (outcome.kind !== 'fits') return;
        count += 1;
        expect(await squiggles(whole, given)).toEqual([]);
      }),
      {
        numRuns: 400,
        // A branch that lost its `maxProperties` to the member `$schema` allowed what the other branch allowed alone.
        examples: [
          [
            { oneOf: [{ oneOf: [{}] }, { maxProperties: 2 }] } as never,
            { type: 'string' } as never,
            { c: {}, a: [], b: {} } as never,
          ],
        ],
      },
    );
    expect(count).toBeGreaterThan(50);
  }, 60_000);
});
