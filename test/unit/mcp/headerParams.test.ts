import { describe, expect, it } from 'vitest';
import { headerParamsOf, headersFor } from '../../../src/core/mcp/headerParams.ts';

const region = { type: 'string', 'x-mcp-header': 'Region' };
const tool = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  name: 't',
  inputSchema: { type: 'object', properties, ...more },
});

function headers(properties: Record<string, unknown>, args: Record<string, unknown>) {
  const params = headerParamsOf(tool(properties));
  if (params.kind !== 'valid') throw new Error(params.reason);
  return headersFor(params.params, args);
}

describe('x-mcp-header', () => {
  it('repeats the value of its parameter', () => {
    expect(headers({ region }, { region: 'us-west1' })).toEqual({ 'mcp-param-region': 'us-west1' });
  });

  it('reads nested properties at their exact path', () => {
    const nested = { where: { type: 'object', properties: { region } } };
    expect(headers(nested, { where: { region: 'x' }, region: 'wrong' })).toEqual({ 'mcp-param-region': 'x' });
  });

  it('writes numbers and booleans as text, and leaves out what is absent or null', () => {
    const properties = {
      n: { type: 'integer', 'x-mcp-header': 'N' },
      b: { type: 'boolean', 'x-mcp-header': 'B' },
      absent: { type: 'string', 'x-mcp-header': 'Absent' },
      nothing: { type: 'string', 'x-mcp-header': 'Nothing' },
    };
    expect(headers(properties, { n: -7, b: false, nothing: null })).toEqual({
      'mcp-param-n': '-7',
      'mcp-param-b': 'false',
    });
  });

  it.each([
    ['an empty name', tool({ a: { type: 'string', 'x-mcp-header': '' } }), 'must be a name'],
    ['an illegal name', tool({ a: { type: 'string', 'x-mcp-header': 'a b' } }), 'not a legal header name'],
    ['a line feed', tool({ a: { type: 'string', 'x-mcp-header': 'a\n' } }), 'not a legal header name'],
    ['a number', tool({ a: { type: 'number', 'x-mcp-header': 'A' } }), 'only string, integer and boolean'],
    ['an array', tool({ a: { type: 'array', 'x-mcp-header': 'A' } }), 'only string, integer and boolean'],
    [
      'the same name in another case',
      tool({ a: region, b: { ...region, 'x-mcp-header': 'REGION' } }),
      'is used twice',
    ],
    ['a place below items', tool({ a: { type: 'array', items: region } }), 'through "properties" alone'],
    ['a place below anyOf', tool({}, { anyOf: [{ properties: { region } }] }), 'through "properties" alone'],
    ['the root', tool({}, { 'x-mcp-header': 'Root' }), 'through "properties" alone'],
    ['a carriage return', tool({ a: { type: 'string', 'x-mcp-header': 'a\r' } }), 'not a legal header name'],
    ['a name that is none', tool({ a: { type: 'string', 'x-mcp-header': 7 } }), 'must be a name'],
    ['a place in $defs', tool({}, { $defs: { region } }), 'through "properties" alone'],
  ])('refuses %s', (_, definition, reason) => {
    expect(headerParamsOf(definition)).toMatchObject({
      kind: 'invalid',
      reason: expect.stringContaining(reason),
    });
  });

  it.each([
    'items',
    'prefixItems',
    'oneOf',
    'anyOf',
    'allOf',
    'not',
    'if',
    'then',
    'else',
    'patternProperties',
  ])('refuses a place below %s, however deep', (keyword) => {
    for (const below of [{ properties: { region } }, [{ properties: { region } }]])
      expect(headerParamsOf(tool({ a: { type: 'object', [keyword]: below } }))).toMatchObject({
        kind: 'invalid',
        reason: expect.stringContaining('through "properties" alone'),
      });
  });

  it('refuses a number that has no exact text', () => {
    const n = { type: 'integer', 'x-mcp-header': 'N' };
    expect(headers({ n }, { n: Number.MIN_SAFE_INTEGER })).toEqual({ 'mcp-param-n': '-9007199254740991' });
    for (const value of [2 ** 53, -(2 ** 53), 1e21])
      expect(() => headers({ n }, { n: value })).toThrow('too large to be repeated');
  });

  it('takes an annotation in an example for an example', () => {
    expect(headerParamsOf(tool({ a: { type: 'object', examples: [region], default: region } })).kind).toBe(
      'valid',
    );
  });

  it('takes a property that is called like the annotation for a property', () => {
    expect(headerParamsOf(tool({ 'x-mcp-header': { type: 'string' } })).kind).toBe('valid');
  });
});

describe('a hostile schema', () => {
  const deep = (wrap: (inner: unknown) => unknown) => {
    let schema: unknown = region;
    for (let n = 0; n < 100_000; n++) schema = wrap(schema);
    return schema;
  };

  it.each([
    ['objects in objects', deep((inner) => ({ not: inner }))],
    ['lists in lists', deep((inner) => [inner])],
    ['properties in properties', deep((inner) => ({ properties: { a: inner } }))],
  ])('of %s is left out instead of followed to its end', (_, schema) => {
    expect(headerParamsOf(tool({ a: schema }))).toMatchObject({
      kind: 'invalid',
      reason: expect.stringContaining('nested deeper'),
    });
  });

  it('of very many parts too', () => {
    const allOf = Array.from({ length: 20_000 }, () => ({}));
    expect(headerParamsOf(tool({}, { allOf }))).toMatchObject({
      kind: 'invalid',
      reason: expect.stringContaining('parts'),
    });
  });
});
