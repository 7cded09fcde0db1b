import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPlaces, type JsonPath, pathKey } from '../../../src/core/jsonrpc/jsonPlaces.ts';

const textAt = (text: string, path: JsonPath) => {
  const place = findPlaces(text, [path]).get(pathKey(path));
  return place && text.slice(place.start, place.end);
};

describe('a value in a JSON text', () => {
  it('is found by its path, with the digits and the order that it has there', () => {
    const text =
      ' { "jsonrpc" : "2.0" , "result" : { "content" : [ "a\\"b" , {"id": 9007199254740993 } ], "n":{"2":1.0,"1":-0} } } ';
    expect(textAt(text, ['result', 'content', 1])).toBe('{"id": 9007199254740993 }');
    expect(textAt(text, ['result', 'content', 0])).toBe('"a\\"b"');
    expect(textAt(text, ['result', 'n'])).toBe('{"2":1.0,"1":-0}');
    expect(textAt(text, ['result', 'n', '1'])).toBe('-0');
    expect(textAt(text, [])).toBe(text.trim());
    expect(textAt(text, ['error'])).toBeUndefined();
    expect(textAt(text, ['jsonrpc', 'x'])).toBeUndefined();
  });

  it('is found wherever it stands in any JSON', () => {
    const at = (value: unknown, path: JsonPath) =>
      path.reduce<unknown>((held, part) => (held as Record<string, unknown>)?.[part], value);
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.nat(), (json, seed) => {
        const value: unknown = JSON.parse(json);
        const path: (string | number)[] = [];
        for (let here = value, n = seed; typeof here === 'object' && here !== null; ) {
          const parts = Array.isArray(here) ? [...here.keys()] : Object.keys(here);
          const part = parts[n % (parts.length + 1)];
          if (part === undefined) break;
          path.push(part);
          here = (here as Record<string | number, unknown>)[part];
          n = Math.floor(n / 7) + 1;
        }
        const found = textAt(json, path);
        expect(found === undefined ? undefined : JSON.parse(found)).toStrictEqual(at(value, path));
      }),
      { numRuns: 500 },
    );
  });

  it('that stands twice is the one that counts', () => {
    expect(textAt('{"a":{"b":1},"a":{"b":2}}', ['a', 'b'])).toBe('2');
  });

  it('of many is found in one search with the others', () => {
    const text = JSON.stringify({ result: { content: ['a', 'b'], structuredContent: {} } });
    const paths = [
      ['result', 'content', 1],
      ['result', 'structuredContent'],
      ['result', 'x'],
    ];
    expect([...findPlaces(text, paths).keys()]).toEqual(paths.slice(0, 2).map(pathKey));
  });

  it('is given up in a text that takes too long, whatever it is made of, and one that goes on is known to begin', () => {
    const loads = {
      'empty objects': `[${'{},'.repeat(2_000_000)}{}]`,
      'quotes in a string': `["${'\\"'.repeat(3_000_000)}"]`,
      backslashes: `["${'\\\\'.repeat(8_000_000)}"]`,
      blanks: `[${' '.repeat(20_000_000)}]`,
      members: `{${'"a":1,'.repeat(2_000_000)}"b":1}`,
      digits: `[${'1'.repeat(20_000_000)}]`,
    };
    for (const [name, load] of Object.entries(loads)) {
      const found = findPlaces(`{"x":${load},"result":1}`, [['result'], ['x'], ['x', 5_000_000]], 1_000_000);
      expect([name, ...found]).toEqual([name, [pathKey(['x']), { start: 5, end: undefined }]]);
    }
  });

  it('is not looked for under a name of more than 1,000 characters: reading such names would take too long', () => {
    const found = (length: number) => textAt(`{"${'x'.repeat(length - 2)}":1}`, ['x'.repeat(length - 2)]);
    expect(found(1_000)).toBe('1');
    expect(found(1_001)).toBeUndefined();
  });

  it('is found behind a text of any length', () => {
    const text = `{"x":${JSON.stringify('x'.repeat(50_000_000))},"result":1.0}`;
    expect(textAt(text, ['result'])).toBe('1.0');
  });
});
