import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMessage } from '../../../src/core/jsonrpc/encodeMessage.ts';
import {
  exactNumber,
  isExactNumber,
  numberOf,
  numberText,
  parseExact,
  plainValue,
} from '../../../src/core/jsonrpc/exactJson.ts';
import { headerParamsOf, headersFor } from '../../../src/core/mcp/headerParams.ts';
import type { Tool } from '../../../src/core/mcp/mcpTypes.ts';
import { checkSchema } from '../../../src/core/mcp/toolSchema.ts';

/** Numbers that JavaScript would write in another way. */
const LOSSY = [
  '9007199254740993',
  '-9007199254740993',
  '725653563933458433',
  '18446744073709551615',
  '1.0',
  '100.00',
  '-0',
  '-0.0',
  '1e400',
  '-1e400',
  '1e5',
  '1E-7',
  '0.1000000000000000055',
  '123456789012345678901234567890',
];
const EXACT = ['0', '1', '-1', '0.1', '9007199254740991', '1.5', '1e+21', '1e-7'];

const sent = (args: unknown) =>
  encodeMessage({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 't', arguments: args as object },
  });

describe('a number of JSON', () => {
  it.each([...LOSSY, ...EXACT])('%s is sent as it was written, wherever it stands', (text) => {
    for (const json of [`{"a":${text}}`, `{"a":[1,{"b":${text}}]}`])
      expect(sent(parseExact(json))).toContain(`"arguments":${json}`);
    expect(sent({ a: exactNumber(text) })).toContain(`{"a":${text}}`);
    expect(numberText(exactNumber(text))).toBe(text);
  });

  it('is an ordinary number where nothing of it is lost', () => {
    for (const text of EXACT) expect(exactNumber(text)).toBe(Number(text));
    for (const text of LOSSY) expect(isExactNumber(exactNumber(text))).toBe(true);
  });

  it.each(['+1', '.5', '5.', '007', '0x1', 'NaN', 'Infinity', '', '1 ', '1,2', '[1]', '"1"'])(
    'that is none is refused: %j',
    (text) => {
      expect(() => exactNumber(text)).toThrow(SyntaxError);
    },
  );

  it('of any digits comes back as its own text', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,40})(\.\d{1,40})?([eE][+-]?\d{1,4})?$/);
    fc.assert(
      fc.property(digits, (text) => {
        expect(JSON.stringify(parseExact(`[${text}]`))).toBe(`[${text}]`);
      }),
    );
  });
});

it('everything that is no such number is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(plainValue(parseExact(json))).toStrictEqual(JSON.parse(json));
    }),
  );
});

it('a member named __proto__ is a member like any other', () => {
  const value = plainValue(parseExact('{"__proto__":{"a":1.0}}'));
  expect(JSON.stringify(value)).toBe('{"__proto__":{"a":1}}');
});

it('a value of any depth is made plain without a stack overflow', () => {
  let deep: unknown = exactNumber('1.0');
  for (let n = 0; n < 200_000; n++) deep = [deep];
  expect(Array.isArray(plainValue(deep))).toBe(true);
});

it('a 64-bit id that a caller gives as a bigint is sent with all its digits', () => {
  expect(sent({ id: 725653563933458433n })).toContain('{"id":725653563933458433}');
  expect(numberOf(2n ** 64n)).toBe(2 ** 64);
});

it('what is no JSON is told as what it is', () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(() => sent(circle)).toThrow('it contains itself, or something that is not a JSON value');
  let deep: unknown = 0;
  for (let n = 0; n < 200_000; n++) deep = [deep];
  expect(() => sent({ deep })).toThrow('it is nested too deep');
});

describe('a tool’s schema', () => {
  const schema = {
    type: 'object',
    properties: { id: { type: 'integer', minimum: 1 }, rate: { type: 'number' } },
    required: ['id'],
  };

  it('finds numbers where texts of numbers are', async () => {
    const kind = async (text: string) => (await checkSchema(schema, parseExact(text))).kind;
    expect(await kind('{"id":9007199254740993,"rate":1.0}')).toBe('fits');
    expect(await kind('{"id":-9007199254740993}')).toBe('violations');
    expect(await kind('{"id":1.50}')).toBe('violations');
  });

  it('repeats a number in its header as the number it is, and none that has no exact text there', () => {
    const tool: Tool = {
      name: 't',
      inputSchema: { type: 'object', properties: { id: { type: 'integer', 'x-mcp-header': 'Id' } } },
    };
    const params = headerParamsOf(tool);
    if (params.kind !== 'valid') throw new Error(params.reason);
    const headers = (json: string) => headersFor(params.params, parseExact(json) as Record<string, unknown>);
    expect(headers('{"id":1.0}')).toEqual({ 'mcp-param-id': '1' });
    expect(() => headers('{"id":9007199254740993}')).toThrow('id is 9007199254740993, which is too large');
    expect(() => headers('{"id":1e400}')).toThrow('too large');
  });
});
