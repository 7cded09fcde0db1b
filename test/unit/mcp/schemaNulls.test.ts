import { expect, it } from 'vitest';
import { withoutNullKeywords } from '../../../src/core/mcp/schemaNulls.ts';

it('a schema whose library writes null for each keyword that it has not is the schema without them', () => {
  const nothing = {
    title: null,
    enum: null,
    pattern: null,
    anyOf: null,
    items: null,
    required: null,
    $ref: null,
  };
  const schema = {
    ...nothing,
    $schema: null,
    type: 'object',
    properties: {
      a: { ...nothing, type: 'string', default: null },
      enum: { ...nothing, const: null },
      nothing: null,
      list: { type: 'array', items: { ...nothing, type: 'number' } },
      either: { oneOf: [{ ...nothing, type: 'null' }, true] },
    },
    additionalProperties: null,
    $defs: null,
  };
  expect(withoutNullKeywords(schema)).toEqual({
    type: 'object',
    properties: {
      a: { type: 'string', default: null },
      enum: { const: null },
      nothing: {},
      list: { type: 'array', items: { type: 'number' } },
      either: { oneOf: [{ type: 'null' }, true] },
    },
  });
});

it.each([
  [{ type: 'object', properties: { a: { default: null, enum: ['x', null] } }, 'x-odd': [null] }],
  [{ anyOf: [true, { not: {} }], examples: [null] }],
  [{}],
  [true],
  [undefined],
])('a schema without any is the very one that came: %j', (schema) => {
  expect(withoutNullKeywords(schema)).toBe(schema);
});

it('a member may have the name of what every object has', () => {
  const schema = JSON.parse('{"properties":{"__proto__":{"type":"string","enum":null}}}');
  expect(JSON.stringify(withoutNullKeywords(schema))).toBe('{"properties":{"__proto__":{"type":"string"}}}');
});
